import type { CustomTag, TracingSpec } from "./spec.ts";

/** The cluster that carries spans to the receiver. */
export const otlpCluster = (url: string): string => `otlp-${new URL(url).host.replace(/[^a-z0-9]/gi, "-")}`;

/** HttpConnectionManager.tracing with Envoy's OpenTelemetry tracer over OTLP/HTTP. */
export function httpTracing(tracing: TracingSpec, listener: string): Record<string, unknown> {
  const base = tracing.otlp.replace(/\/$/, "");
  return {
    random_sampling: { value: tracing.randomSampling ?? 100 },
    ...(tracing.operation ? { operation: tracing.operation } : {}),
    ...(tracing.spawnUpstreamSpan ? { spawn_upstream_span: true } : {}),
    custom_tags: Object.entries(tracing.customTags ?? {}).map(([tag, from]) => customTag(tag, from)),
    provider: {
      name: "envoy.tracers.opentelemetry",
      typed_config: {
        "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
        service_name: tracing.service ?? listener,
        http_service: { http_uri: { uri: `${base}/v1/traces`, cluster: otlpCluster(tracing.otlp), timeout: "2s" } },
      },
    },
    ...tracing.tracing,
  };
}

/**
 * Custom tags that read what a filter stored: `filterStateTags(["user.id"])` puts filter state `wasm.span.attributes.user.id` on the span as user.id.
 * `:PLAIN` matters: without it the value is base64 in JSON.
 */
export function filterStateTags(names: readonly string[], prefix = "wasm.span.attributes."): Record<string, CustomTag> {
  return Object.fromEntries(names.map(name => [name, `%FILTER_STATE(${prefix}${name}:PLAIN)%`]));
}

function customTag(tag: string, from: CustomTag): Record<string, unknown> {
  if (typeof from === "string") return { tag, value: from };
  if ("literal" in from) return { tag, literal: { value: from.literal } };
  const fallback = from.default === undefined ? {} : { default_value: from.default };
  if ("header" in from) return { tag, request_header: { name: from.header, ...fallback } };
  return { tag, environment: { name: from.env, ...fallback } };
}
