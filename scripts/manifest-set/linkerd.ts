import { stringify } from "yaml";
import { COLLECTOR_CLUSTER, collectorCluster, completeEnvoy } from "../manifests/index.ts";
import { AGENT } from "./collector-guard.ts";
import { agentAccount, agentWorkload, collectorImage, gatewayWorkload } from "./collector-workloads.ts";
import { kustomization } from "./kustomize.ts";
import { type Build, meshRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";
import { ENVOY_IMAGE, OBSERVABILITY, TENANT, USER } from "./spec.ts";

// biome-ignore lint/suspicious/noExplicitAny: Envoy's configuration, of which addresses change.
type Json = any;

const EDGE = { name: "edge-gateway", namespace: "edge", port: 10000 };
const INJECT = { "linkerd.io/inject": "enabled" };
const ISTIO_FREE = "Linkerd 2.19 and later.";

/** What goes around Linkerd, whose proxy takes no filters: its own tracing, a Collector in its mesh, and an Envoy in front with ours. */
export function linkerd(build: Build): SetFile[] {
  const image = collectorImage(build);
  return [
    {
      path: "linkerd/values.yaml",
      about: [
        "Values for Linkerd's chart linkerd-control-plane: its proxies send a span for each request that comes with a sampled traceparent, over OTLP/gRPC.",
        `${ISTIO_FREE} The collector has to be in the mesh: meshIdentity is its service account.`,
        "helm upgrade linkerd-control-plane linkerd/linkerd-control-plane -n linkerd --reuse-values -f linkerd/values.yaml, then restart the workloads.",
        "Change: cluster.name. What is to differ by workload is an annotation of its Pods: resource.opentelemetry.io/NAME.",
      ],
      documents: [values()],
    },
    {
      path: "linkerd/collector/kustomization.yaml",
      about: ["The Collector of otel/ in Linkerd's mesh, which makes mutual TLS of what goes to it.", ISTIO_FREE],
      documents: [kustomization({ resources: ["namespace.yaml", "agent.yaml", "gateway.yaml"] })],
    },
    { path: "linkerd/collector/namespace.yaml", about: ["Injected."], documents: [namespace(OBSERVABILITY)] },
    {
      path: "linkerd/collector/agent.yaml",
      about: [
        "The Collector of each node, with otel/agent.yaml. Behind Linkerd's proxy every connection is a local one: Pods are found by k8s.pod.ip, which Linkerd's spans have.",
        "Change: CLUSTER_NAME, DEPLOYMENT_ENVIRONMENT, limits.memory.",
      ],
      documents: [...agentAccount(), ...agentWorkload(build, image)],
    },
    {
      path: "linkerd/collector/gateway.yaml",
      about: [
        "The Collector that sees whole traces, with otel/gateway.yaml. One Pod: with more of them the spans of a trace would be parted.",
        "Change: TRACES_ENDPOINT, LOGS_ENDPOINT, CRITICAL_SERVICES, SAMPLING_PERCENTAGE, limits.memory.",
      ],
      documents: gatewayWorkload(build, image),
    },
    {
      path: "linkerd/gateway/kustomization.yaml",
      about: ["An Envoy in front of a mesh of Linkerd's, itself in the mesh.", `${ISTIO_FREE} Envoy 1.37 and later.`],
      documents: [kustomization({ resources: ["gateway.yaml"] })],
    },
    {
      path: "linkerd/gateway/gateway.yaml",
      about: [
        "trace-context starts each trace, because strangers are not trusted, puts user and tenant on its span, and sends it to the Collector; Linkerd's proxies go on from there.",
        "The module is in a ConfigMap: kubectl -n edge create configmap envoy-filters --from-file=build/trace-context.wasm",
        "Envoy 1.37 and later. Change: the address of cluster app, and sampling.ratio.",
      ],
      documents: gateway(build),
    },
  ];
}

function values(): Json {
  const collector = {
    endpoint: `${AGENT.name}.${OBSERVABILITY}:4317`,
    meshIdentity: { serviceAccountName: AGENT.name, namespace: OBSERVABILITY },
  };
  const tracing = { enabled: true, traceServiceName: "linkerd-proxy", labels: { "cluster.name": "cluster-a" }, collector };
  return { proxy: { tracing } };
}

const namespace = (name: string): Json => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, annotations: INJECT } });

function gateway(build: Build): Json[] {
  const { name, port } = EDGE;
  const metadata = { name, namespace: EDGE.namespace, labels: { app: name } };
  const container = {
    name: "envoy",
    image: ENVOY_IMAGE,
    args: ["-c", "/etc/envoy/envoy.yaml"],
    env: [{ name: "CLUSTER_NAME", value: "cluster-a" }],
    ports: [{ name: "http", containerPort: port }],
    readinessProbe: { tcpSocket: { port } },
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "512Mi" } },
    securityContext: { runAsNonRoot: true, runAsUser: 101, allowPrivilegeEscalation: false },
    volumeMounts: [
      { name: "config", mountPath: "/etc/envoy" },
      { name: "filters", mountPath: "/etc/filters" },
    ],
  };
  const volumes = [
    { name: "config", configMap: { name } },
    { name: "filters", configMap: { name: "envoy-filters" } },
  ];
  // What comes from outside is not Linkerd's to trace: it would believe the client's traceparent.
  const annotations = { ...INJECT, "config.linkerd.io/skip-inbound-ports": String(port) };
  return [
    namespace(EDGE.namespace),
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "envoy.yaml": stringify(envoy(build), { version: "1.1", lineWidth: 0 }) } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name }, annotations }, spec: { containers: [container], volumes } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: port }] },
    },
  ];
}

function envoy(build: Build): Json {
  const attributes = [USER, TENANT, { name: "cluster.name", env: "CLUSTER_NAME", default: "unknown" }];
  const sampling = { ratio: 1, always: ["error", "slow>1000ms"] };
  const request = meshRequest(build, "trace-context", {
    code: { from: "file", path: "/etc/filters/trace-context.wasm" },
    config: {
      trust: "none",
      expose: ["trace_id", "span_id"],
      export: { cluster: COLLECTOR_CLUSTER, service_name: EDGE.name, sampling, span_attributes: { attributes } },
    },
    tracer: false,
    envoyVersion: "1.37",
  });
  const whole: Json = completeEnvoy(request);
  const { clusters } = whole.static_resources;
  const [app] = clusters;
  app.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address = {
    address: "web.shop.svc.cluster.local",
    port_value: 80,
  };
  clusters.push(collectorCluster());
  return whole;
}
