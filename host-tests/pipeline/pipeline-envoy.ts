import { type EnvoySpec, filterStateTags, statsTags } from "../../scripts/envoy-config/index.ts";
import type { Collector } from "../collector/collector.ts";

export const IDENTITY: [string, string][] = [
  ["x-user-id", "u42"],
  ["x-tenant-id", "acme"],
];

/** An Envoy that sends all three signals over OTLP: spans of its tracer, the access log, and its counters. */
export function threeSignals(collector: Pick<Collector, "http" | "grpc">, upstream: string): EnvoySpec {
  const service = { envoy_grpc: { cluster_name: "collector" } };
  const attributes = [
    { name: "user.id", header: "x-user-id" },
    { name: "tenant.id", header: "x-tenant-id" },
  ];
  const log = {
    "@type": "type.googleapis.com/envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig",
    log_name: "access",
    grpc_service: service,
    buffer_flush_interval: "0.1s",
    body: { string_value: "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE%" },
    attributes: { values: [{ key: "tenant.id", value: { string_value: "%FILTER_STATE(wasm.span.attributes.tenant.id:PLAIN)%" } }] },
  };
  const sink = {
    name: "envoy.stat_sinks.open_telemetry",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig",
      grpc_service: service,
      emit_tags_as_attributes: true,
      use_tag_extracted_name: true,
    },
  };
  return {
    clusters: [
      { name: "app", url: upstream },
      { name: "collector", url: collector.grpc, http2: true },
    ],
    tracing: { otlp: collector.http, service: "shop", customTags: filterStateTags(["user.id", "tenant.id"]) },
    // Large batches: with one request of the exporter for each span, that would be the load.
    runtime: { "tracing.opentelemetry.min_flush_spans": 512 },
    listeners: [
      {
        name: "in",
        filters: [
          { name: "mesh-telemetry", wasm: "build/mesh-telemetry.wasm", config: { span_attributes: { attributes } } },
          { name: "tenant-metrics", wasm: "build/tenant-metrics.wasm" },
        ],
        hcm: { access_log: [{ name: "envoy.access_loggers.open_telemetry", typed_config: log }] },
      },
    ],
    bootstrap: { stats_sinks: [sink], stats_flush_interval: "0.2s", stats_config: { stats_tags: statsTags(["tenant", "code"]) } },
  };
}
