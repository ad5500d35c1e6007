import { OBSERVABILITY } from "./spec.ts";

type Json = Record<string, unknown>;

export interface Port {
  readonly name: string;
  readonly port: number;
}

/** Names tell Istio the protocol. */
export const OTLP_PORTS: readonly Port[] = [
  { name: "grpc-otlp", port: 4317 },
  { name: "http-otlp", port: 4318 },
];
/** Of the Collector itself. */
export const OWN_METRICS: Port = { name: "http-metrics", port: 8888 };

/** Who the two are: Service, workload, service account and label `app` have one name. */
export const AGENT = { name: "opentelemetry-collector", metrics: [OWN_METRICS] as readonly Port[] };
export const GATEWAY = {
  name: "otel-gateway",
  // Made of the spans.
  metrics: [OWN_METRICS, { name: "http-spanmetrics", port: 8889 }] as readonly Port[],
};
type Who = typeof AGENT;

const PROMETHEUS = "monitoring";
/** Where the ports of the backends are: OTLP of Tempo or Jaeger, Loki. */
const BACKENDS = [4317, 3100];

const object = (apiVersion: string, kind: string, name: string, spec: Json): Json => ({
  apiVersion,
  kind,
  metadata: { name, namespace: OBSERVABILITY },
  spec,
});
const matchLabels = ({ name }: Who): Json => ({ matchLabels: { app: name } });
const text = ({ port }: Port): string => String(port);

export const guard = {
  /** PeerAuthentication, DestinationRule and AuthorizationPolicy for each of the two. */
  istio: (): Json[] =>
    [AGENT, GATEWAY].flatMap(who => {
      const portLevelMtls = Object.fromEntries(who.metrics.map(port => [text(port), { mode: "PERMISSIVE" }]));
      return [
        object("security.istio.io/v1", "PeerAuthentication", who.name, {
          selector: matchLabels(who),
          mtls: { mode: "STRICT" },
          portLevelMtls,
        }),
        object("networking.istio.io/v1", "DestinationRule", who.name, {
          host: `${who.name}.${OBSERVABILITY}.svc.cluster.local`,
          trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } },
        }),
        object("security.istio.io/v1", "AuthorizationPolicy", who.name, {
          selector: matchLabels(who),
          action: "ALLOW",
          rules: [
            { from: [{ source: { principals: [sender(who)] } }], to: [{ operation: { ports: OTLP_PORTS.map(text) } }] },
            { to: [{ operation: { ports: who.metrics.map(text) } }] },
          ],
        }),
      ];
    }),
  /** NetworkPolicy for each of the two. */
  network: (): Json[] => [policy(AGENT, [{ namespaceSelector: {} }], agentGoesTo()), policy(GATEWAY, [pods(AGENT)], gatewayGoesTo())],
};

/** Whoever has a certificate of the mesh, or the agent. */
const sender = (to: Who): string => (to === AGENT ? "*" : `cluster.local/ns/${OBSERVABILITY}/sa/${AGENT.name}`);
const pods = (who: Who): Json => ({ podSelector: matchLabels(who) });
const namespace = (name: string): Json => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
const tcp = (...ports: number[]): Json[] => ports.map(port => ({ protocol: "TCP", port }));

function policy(who: Who, senders: readonly Json[], egress: readonly Json[]): Json {
  const ingress = [
    { from: senders, ports: tcp(...OTLP_PORTS.map(({ port }) => port)) },
    // 15020 is the sidecar's, with Envoy's metrics.
    { from: [namespace(PROMETHEUS)], ports: tcp(...who.metrics.map(({ port }) => port), 15020) },
  ];
  const podSelector = matchLabels(who);
  return object("networking.k8s.io/v1", "NetworkPolicy", who.name, {
    podSelector,
    policyTypes: ["Ingress", "Egress"],
    ingress,
    egress: [...egress, ...mesh()],
  });
}

const agentGoesTo = (): Json[] => [
  { to: [pods(GATEWAY)], ports: tcp(4317) },
  // The API server, which no selector finds.
  { ports: tcp(443, 6443) },
];
const gatewayGoesTo = (): Json[] => [{ to: [{ namespaceSelector: {} }], ports: tcp(...BACKENDS) }];

/** What every sidecar needs: names, and istiod. */
const mesh = (): Json[] => [
  {
    to: [namespace("kube-system")],
    ports: [
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ],
  },
  { to: [namespace("istio-system")], ports: tcp(15012) },
];
