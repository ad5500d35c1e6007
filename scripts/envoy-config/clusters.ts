import { isIP } from "node:net";
import { httpFilter } from "./filters.ts";
import type { Place } from "./place.ts";
import type { ClusterSpec, EnvoySpec } from "./spec.ts";
import { otlpCluster } from "./tracing.ts";

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const CODEC = "type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec";

export function clusters(spec: EnvoySpec, place: Place): Record<string, unknown>[] {
  const receivers = new Set<string>();
  for (const tracing of [spec.tracing, ...spec.listeners.map(entry => entry.tracing)]) if (tracing) receivers.add(tracing.otlp);
  return [
    ...(spec.clusters ?? []).map(entry => cluster(entry, place)),
    ...[...receivers].map(url => cluster({ name: otlpCluster(url), url }, place)),
  ];
}

function cluster(entry: ClusterSpec, place: Place): Record<string, unknown> {
  const url = new URL(entry.url);
  const isLoopback = ["127.0.0.1", "localhost", "0.0.0.0", "[::1]"].includes(url.hostname);
  const address = isLoopback ? place.hostAddress : url.hostname;
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const options = protocolOptions(entry, place);
  return {
    name: entry.name,
    connect_timeout: "2s",
    ...(isIP(address) ? { type: "STATIC" } : { type: "STRICT_DNS", dns_lookup_family: "V4_ONLY" }),
    load_assignment: {
      cluster_name: entry.name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: port } } } }] }],
    },
    ...(options ? { typed_extension_protocol_options: { [OPTIONS]: options } } : {}),
    ...(url.protocol === "https:" ? { transport_socket: tls(url.hostname) } : {}),
    ...entry.cluster,
  };
}

function protocolOptions(entry: ClusterSpec, place: Place): Record<string, unknown> | null {
  if (!entry.http2 && !entry.filters) return null;
  return {
    "@type": `type.googleapis.com/${OPTIONS}`,
    explicit_http_config: entry.http2 ? { http2_protocol_options: {} } : { http_protocol_options: {} },
    ...(entry.filters
      ? {
          http_filters: [
            ...entry.filters.map(filter => httpFilter(filter, place)),
            { name: "envoy.filters.http.upstream_codec", typed_config: { "@type": CODEC } },
          ],
        }
      : {}),
  };
}

function tls(sni: string): Record<string, unknown> {
  const type = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
  return { name: "envoy.transport_sockets.tls", typed_config: { "@type": type, sni } };
}
