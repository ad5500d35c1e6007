import { alerts } from "./alerts.ts";
import { AGENT, GATEWAY, guard } from "./collector-guard.ts";
import { agentAccount, agentWorkload, collectorImage, gatewayWorkload } from "./collector-workloads.ts";
import { kustomization } from "./kustomize.ts";
import type { Build } from "./requests.ts";
import type { SetFile } from "./set-file.ts";
import { OBSERVABILITY } from "./spec.ts";

/** The Collector within the mesh: an agent on each node and the gateway, who may talk to them and how, and what to be told of. */
export function collector(build: Build): SetFile[] {
  const folder = "istio/collector";
  const image = collectorImage(build);
  const files: readonly { readonly name: string; readonly about: readonly string[]; readonly documents: readonly unknown[] }[] = [
    {
      name: "namespace",
      about: ["Injected: without a sidecar the Collector takes no mutual TLS."],
      documents: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: OBSERVABILITY, labels: { "istio-injection": "enabled" } } }],
    },
    {
      name: "agent",
      about: [
        "The Collector of each node, with otel/agent.yaml, to which the providers of helm/values.yaml send; it may read Pods, for k8sattributes.",
        "Change: CLUSTER_NAME, DEPLOYMENT_ENVIRONMENT, and limits.memory, of which memory_limiter takes three quarters.",
      ],
      documents: [...agentAccount(), ...agentWorkload(build, image)],
    },
    {
      name: "gateway",
      about: [
        "The Collector that sees whole traces, with otel/gateway.yaml. One Pod: with more of them the spans of a trace would be parted.",
        "Change: TRACES_ENDPOINT, LOGS_ENDPOINT, CRITICAL_SERVICES, SAMPLING_PERCENTAGE, limits.memory.",
      ],
      documents: gatewayWorkload(build, image),
    },
    {
      name: "mtls",
      about: [
        "Mutual TLS and nothing else on the ports of OTLP, and who may use them: any workload of the mesh the agent, the agent alone the gateway.",
        "Metrics stay open for Prometheus. Change: cluster.local, where your trust domain is another.",
      ],
      documents: guard.istio(),
    },
    {
      name: "network-policy",
      about: [
        "The same a layer below, for clusters whose network enforces it: who reaches which port, and where the Collectors may go.",
        "Change: the namespace of Prometheus, the ports of your backends, and 6443, where your API server has another.",
      ],
      documents: guard.network(),
    },
    {
      name: "alerts",
      about: [
        "For the Prometheus Operator: the Collector loses data, the mesh has no spans, services and tenants fail or are slow.",
        "Change: job, to what your Prometheus calls the two, and the thresholds.",
      ],
      documents: [alerts()],
    },
  ];
  const about = [
    `The Collector in the mesh: Namespace ${OBSERVABILITY}, ${AGENT.name} on each node, ${GATEWAY.name} behind it; mutual TLS, network policies, alerts.`,
    "Istio 1.22 and later. Leave alerts.yaml out where there is no Prometheus Operator.",
  ];
  const resources = files.map(({ name }) => `${name}.yaml`);
  return [
    { path: `${folder}/kustomization.yaml`, about, documents: [kustomization({ resources })] },
    ...files.map(({ name, about, documents }) => ({ path: `${folder}/${name}.yaml`, about, documents })),
  ];
}
