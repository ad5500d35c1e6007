import { parse } from "yaml";
import { AGENT, GATEWAY, OTLP_PORTS } from "./collector-guard.ts";
import type { Build } from "./requests.ts";
import { COLLECTOR_IMAGE, OBSERVABILITY } from "./spec.ts";

type Json = Record<string, unknown>;

const meta = ({ name }: { name: string }): Json => ({ name, namespace: OBSERVABILITY, labels: { app: name } });

/** The distribution that has all parts of otel/builder.yaml, in their version. */
export function collectorImage(build: Build): string {
  const { receivers } = parse(build.text("otel/builder.yaml")) as { receivers: { gomod: string }[] };
  const found = /otlpreceiver v(\S+)$/.exec(receivers[0]?.gomod ?? "")?.[1];
  if (!found) throw new Error("otel/builder.yaml: expected otlpreceiver as the first receiver, found none");
  return `${COLLECTOR_IMAGE}:${found}`;
}

/** k8sattributes reads Pods, and ReplicaSets for the name of a Deployment. */
export function agentAccount(): Json[] {
  const rules = [
    { apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["get", "list", "watch"] },
    { apiGroups: ["apps"], resources: ["replicasets"], verbs: ["get", "list", "watch"] },
  ];
  const { name } = AGENT;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: meta(AGENT) },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: OBSERVABILITY }],
    },
  ];
}

export function agentWorkload(build: Build, image: string): Json[] {
  const env = [
    { name: "OTEL_GATEWAY_ENDPOINT", value: `${GATEWAY.name}.${OBSERVABILITY}.svc.cluster.local:4317` },
    // The sidecars make mutual TLS of it.
    { name: "OTEL_GATEWAY_INSECURE", value: "true" },
    { name: "CLUSTER_NAME", value: "cluster-a" },
    { name: "DEPLOYMENT_ENVIRONMENT", value: "production" },
    { name: "KUBE_NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
  ];
  // Outlives the container, and not the Pod.
  const queue = { name: "queue", emptyDir: { sizeLimit: "1Gi" } };
  const mount = { name: "queue", mountPath: "/var/lib/otelcol" };
  const spec = pod(AGENT, { image, env, memory: "512Mi", volumes: [queue], mounts: [mount] });
  return [
    configMap(AGENT, build.text("otel/agent.yaml")),
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: meta(AGENT),
      spec: { selector: { matchLabels: { app: AGENT.name } }, template: { metadata: { labels: { app: AGENT.name } }, spec } },
    },
    // Only to the agent of the same node.
    service(AGENT, { internalTrafficPolicy: "Local" }),
  ];
}

export function gatewayWorkload(build: Build, image: string): Json[] {
  const env = [
    { name: "TRACES_ENDPOINT", value: `tempo.${OBSERVABILITY}.svc.cluster.local:4317` },
    { name: "TRACES_INSECURE", value: "true" },
    { name: "LOGS_ENDPOINT", value: `http://loki.${OBSERVABILITY}.svc.cluster.local:3100/otlp` },
    { name: "CLUSTER_NAME", value: "cluster-a" },
    { name: "DEPLOYMENT_ENVIRONMENT", value: "production" },
    { name: "CRITICAL_SERVICES", value: "[checkout, payment]" },
    { name: "SAMPLING_PERCENTAGE", value: "10" },
  ];
  const spec = pod(GATEWAY, { image, env, memory: "2Gi", volumes: [], mounts: [] });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: meta(GATEWAY) },
    configMap(GATEWAY, build.text("otel/gateway.yaml")),
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: meta(GATEWAY),
      spec: {
        replicas: 1,
        // Never two at once, between whom the spans of a trace would be parted.
        strategy: { type: "Recreate" },
        selector: { matchLabels: { app: GATEWAY.name } },
        template: { metadata: { labels: { app: GATEWAY.name } }, spec },
      },
    },
    service(GATEWAY, {}),
  ];
}

interface Container {
  readonly image: string;
  readonly env: readonly Json[];
  readonly memory: string;
  readonly volumes: readonly Json[];
  readonly mounts: readonly Json[];
}

function pod(who: typeof AGENT | typeof GATEWAY, { image, env, memory, volumes, mounts }: Container): Json {
  const port = 13133;
  const container = {
    name: "otelcol",
    image,
    args: ["--config=/etc/otelcol/config.yaml"],
    env,
    ports: [...OTLP_PORTS, ...who.metrics].map(({ name, port }) => ({ name, containerPort: port })),
    readinessProbe: { httpGet: { path: "/", port } },
    livenessProbe: { httpGet: { path: "/", port }, initialDelaySeconds: 10 },
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory } },
    securityContext: { runAsNonRoot: true, runAsUser: 10001, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    volumeMounts: [{ name: "config", mountPath: "/etc/otelcol" }, ...mounts],
  };
  return {
    serviceAccountName: who.name,
    securityContext: { fsGroup: 10001 },
    containers: [container],
    volumes: [{ name: "config", configMap: { name: who.name } }, ...volumes],
  };
}

const configMap = (who: { name: string }, text: string): Json => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: meta(who),
  data: { "config.yaml": text },
});

/** Names of ports tell Istio the protocol. */
function service(who: typeof AGENT | typeof GATEWAY, more: Json): Json {
  const ports = [...OTLP_PORTS, ...who.metrics].map(({ name, port }) => ({ name, port, targetPort: port }));
  return { apiVersion: "v1", kind: "Service", metadata: meta(who), spec: { selector: { app: who.name }, ...more, ports } };
}
