import { stringify } from "yaml";
import { type Check, type Patient, statsAbove0 } from "../check.ts";
import { type Exporter, exportersOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { hasHealthyHost } from "../hosts.ts";
import { asText, at, isOfType, type Json } from "../json.ts";

const HTTP2 = stringify({
  typed_extension_protocol_options: {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
});

const COLLECTOR = { socket_address: { address: "opentelemetry-collector", port_value: 4317 } };

/** Whether spans get to where they are sent. */
export const exporters: Check = patient => {
  const { proxy, snapshot } = patient;
  const all = proxy.managers.flatMap(manager => exportersOf(manager, proxy));
  return [
    ...all.flatMap(exporter => checkCluster(exporter, patient)),
    ...statsAbove0(snapshot, /tracing\.\w+\.spans_dropped|wasmcustom\.trace_context\.export\.(?:dropped|failed)/).map(
      ({ name, value }) => ({
        id: "spans-dropped" as const,
        where: `stat ${name}`,
        found: `${value} spans were thrown away since the start`,
        mend: "see why the Collector does not take them: its cluster's health, its own log, its memory_limiter",
      }),
    ),
  ];
};

function checkCluster({ cluster, isGrpc, sender, where }: Exporter, { proxy, snapshot }: Patient): Report[] {
  const config = proxy.clusters.get(cluster);
  if (!config) {
    if (proxy.clusters.size === 0) return [];
    const known = [...proxy.clusters.keys()].slice(0, 8).join(", ");
    const mend = "add the cluster, or name one that is there; in Istio the provider's service and port have to be those of a Service";
    const change = stringify({
      name: cluster,
      type: "STRICT_DNS",
      connect_timeout: "5s",
      load_assignment: { cluster_name: cluster, endpoints: [{ lb_endpoints: [{ endpoint: { address: COLLECTOR } }] }] },
    });
    return [{ id: "tracer-cluster-missing", where, found: `${sender} sends to cluster ${cluster}, and there are ${known}`, mend, change }];
  }
  const at = `cluster ${cluster}`;
  return [
    ...(isGrpc && !speaksHttp2(config)
      ? [
          {
            id: "tracer-cluster-http2" as const,
            where: at,
            found: `${sender} sends OTLP over gRPC, and the cluster speaks HTTP/1.1`,
            mend: "let the cluster speak HTTP/2 (Istio: name the Service's port grpc-otlp), or send over HTTP to port 4318",
            change: HTTP2,
          },
        ]
      : []),
    ...checkHealth(cluster, sender, { proxy, snapshot }),
    ...checkAnswers(cluster, sender, snapshot),
  ];
}

function speaksHttp2(cluster: Json): boolean {
  const options = at(cluster, "typed_extension_protocol_options", "envoy.extensions.upstreams.http.v3.HttpProtocolOptions");
  if ("http2_protocol_options" in cluster || "use_downstream_protocol_config" in options || "auto_config" in options) return true;
  return "http2_protocol_options" in at(options, "explicit_http_config");
}

function checkHealth(cluster: string, sender: string, { proxy, snapshot }: Pick<Patient, "proxy" | "snapshot">): Report[] {
  const failed = snapshot.stats?.get(`cluster.${cluster}.upstream_cx_connect_fail`) ?? 0;
  const isDead = hasHealthyHost(cluster, snapshot) === false;
  if (!isDead && failed === 0) return [];
  const found = isDead ? "none of its hosts is healthy, or there is none" : `${failed} connections to it failed since the start`;
  const accepted = snapshot.stats?.get(`cluster.${cluster}.upstream_rq_2xx`) ?? 0;
  const address = addressOf(proxy.clusters.get(cluster) ?? {});
  const hint = address ? ` at ${address}` : "";
  const severity = isDead || accepted === 0 ? ("error" as const) : ("warning" as const);
  const mend = `see that the Collector runs and listens${hint} (OTLP: 4317 gRPC, 4318 HTTP), that its name resolves, and that no NetworkPolicy is between`;
  return [{ id: "tracer-cluster-unhealthy", severity, where: `cluster ${cluster}`, found: `${sender} sends spans to it; ${found}`, mend }];
}

function checkAnswers(cluster: string, sender: string, { stats }: Patient["snapshot"]): Report[] {
  const count = (name: string): number => stats?.get(`cluster.${cluster}.${name}`) ?? 0;
  const bad = ["upstream_rq_4xx", "upstream_rq_5xx", "upstream_rq_timeout", "upstream_cx_protocol_error"].flatMap(name =>
    count(name) > 0 ? [`${name} ${count(name)}`] : [],
  );
  // What could not connect at all is answered 503 by Envoy itself, and said above.
  if (bad.length === 0 || count("upstream_cx_connect_fail") > 0 || count("upstream_cx_none_healthy") > 0) return [];
  const severity = count("upstream_rq_2xx") > 0 ? ("warning" as const) : ("error" as const);
  const mend =
    "a 404: the path is /v1/traces; protocol errors and resets: gRPC goes to 4317, HTTP to 4318; 429, 503 and timeouts: the Collector has too much to do";
  const found = `the Collector did not accept what ${sender} sent: ${bad.join(", ")}`;
  return [{ id: "tracer-export-refused", severity, where: `cluster ${cluster}`, found, mend }];
}

function addressOf(cluster: Json): string {
  if (isOfType(cluster, "Cluster") || "load_assignment" in cluster) {
    const text = JSON.stringify(cluster.load_assignment ?? {});
    const [, address = "", port = ""] = /"address":"([^"]+)","port_value":(\d+)/.exec(text) ?? [];
    return asText(address) && `${address}:${port}`;
  }
  return "";
}
