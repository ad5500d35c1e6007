/** Where an Envoy sends spans and logs, and as whom. */
export interface Collector {
  readonly service: string;
  /** OTLP over HTTP. */
  readonly port: number;
  /** OTLP over gRPC, for an Envoy that sends its log in no other way. */
  readonly grpcPort: number;
  /** `service.name` of what it sends. */
  readonly serviceName: string;
}

/** Names of Envoy's clusters. */
export const COLLECTOR_CLUSTER = "opentelemetry-collector";
export const COLLECTOR_GRPC_CLUSTER = "opentelemetry-collector-grpc";

/** What the documents of this project say until somebody puts his own in. */
export const COLLECTOR: Collector = {
  service: "opentelemetry-collector.observability.svc.cluster.local",
  port: 4318,
  grpcPort: 4317,
  serviceName: "app",
};

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

export const collectorCluster = ({ service, port }: Collector = COLLECTOR): Record<string, unknown> =>
  namedCluster(COLLECTOR_CLUSTER, service, port);

export function collectorGrpcCluster({ service, grpcPort }: Collector): Record<string, unknown> {
  const http2 = { "@type": `type.googleapis.com/${OPTIONS}`, explicit_http_config: { http2_protocol_options: {} } };
  return { ...namedCluster(COLLECTOR_GRPC_CLUSTER, service, grpcPort), typed_extension_protocol_options: { [OPTIONS]: http2 } };
}

/** A cluster of one service, which Envoy looks up by its name. */
export function namedCluster(name: string, address: string, port_value: number): Record<string, unknown> {
  return {
    name,
    type: "STRICT_DNS",
    connect_timeout: "5s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value } } } }] }],
    },
  };
}
