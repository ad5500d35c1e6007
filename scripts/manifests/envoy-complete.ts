import { COLLECTOR, COLLECTOR_CLUSTER, type Collector, collectorCluster, namedCluster } from "./collector.ts";
import { envoyBlocks } from "./envoy-blocks.ts";
import type { ManifestRequest } from "./request.ts";
import { envoyTags } from "./span-tags.ts";

const TYPE = "type.googleapis.com/envoy";
const HCM = `${TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const ROUTER = { name: "envoy.filters.http.router", typed_config: { "@type": `${TYPE}.extensions.filters.http.router.v3.Router` } };

/** A whole configuration of Envoy: a listener with the filter before one service, and the tracer that sends spans to `collector` by OTLP over HTTP. */
export function completeEnvoy(request: ManifestRequest, to: Partial<Collector> = {}): Record<string, unknown> {
  const collector = { ...COLLECTOR, ...to };
  const { tags, config } = envoyTags(request);
  const blocks = envoyBlocks(request, config, tags, collector);
  const { http_filters = [], tracing, clusters = [], stats_config, typed_extension_protocol_options, ...others } = blocks;
  const traces = request.tracer !== false;
  const manager = {
    "@type": HCM,
    stat_prefix: "ingress",
    ...(traces ? { tracing: { ...tracer(request, collector), ...tracing } } : {}),
    ...others,
    http_filters: [...http_filters, ROUTER],
    route_config: {
      name: "local",
      virtual_hosts: [{ name: "app", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "app" } }] }],
    },
  };
  const listener = {
    name: "ingress",
    address: { socket_address: { address: "0.0.0.0", port_value: 10000 } },
    traffic_direction: "INBOUND",
    filter_chains: [{ filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] }],
  };
  const app = { ...namedCluster("app", "app", 8080), ...(typed_extension_protocol_options ? { typed_extension_protocol_options } : {}) };
  return {
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: 9901 } } },
    ...(stats_config ? { stats_config } : {}),
    static_resources: {
      listeners: [listener],
      // The log may have brought the collector's already.
      clusters: [
        app,
        ...(traces ? [collectorCluster(collector)] : []),
        ...clusters.filter(({ name }) => !traces || name !== COLLECTOR_CLUSTER),
      ],
    },
  };
}

function tracer({ sampling }: ManifestRequest, { service, port, serviceName }: Collector): Record<string, unknown> {
  return {
    ...(sampling === undefined ? {} : { random_sampling: { value: sampling } }),
    provider: {
      name: "envoy.tracers.opentelemetry",
      typed_config: {
        "@type": `${TYPE}.config.trace.v3.OpenTelemetryConfig`,
        service_name: serviceName,
        http_service: { http_uri: { uri: `http://${service}:${port}/v1/traces`, cluster: COLLECTOR_CLUSTER, timeout: "5s" } },
      },
    },
  };
}
