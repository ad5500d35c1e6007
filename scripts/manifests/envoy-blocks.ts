import { compareVersions } from "../envoy/versions.ts";
import { metricLabels, statsTags } from "../envoy-config/index.ts";
import { afterTracer, beforeTracer } from "./behind-tracer.ts";
import { ManifestError, type ManifestRequest, type SpanTag } from "./request.ts";
import { exposedIds } from "./span-tags.ts";
import { envoyTag, logFormat } from "./tag-forms.ts";
import { moduleCluster, wasmFilter } from "./wasm-filter.ts";

const STDOUT = "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog";

export interface EnvoyBlocks {
  /** None where the filter stands in the clusters. */
  readonly http_filters?: readonly Record<string, unknown>[];
  readonly tracing?: { readonly custom_tags: readonly Record<string, unknown>[] };
  readonly access_log: readonly Record<string, unknown>[];
  readonly clusters?: readonly Record<string, unknown>[];
  /** Of the bootstrap. */
  readonly stats_config?: { readonly stats_tags: readonly object[] };
  /** Of the clusters of the routes. */
  readonly typed_extension_protocol_options?: Record<string, unknown>;
}

/** What goes into an HttpConnectionManager, and beside it: a cluster where the module is fetched, labels for the bootstrap, options for the clusters. */
export function envoyBlocks(request: ManifestRequest, config: unknown, tags: readonly SpanTag[]): EnvoyBlocks {
  if (request.code.from === "image") {
    throw new ManifestError("target", "Envoy pulls no images; give --remote URL, or take target istio");
  }
  const cluster = moduleCluster(request);
  const restricts = compareVersions(request.envoyVersion, "1.40") < 0 ? "plugin" : "vm";
  const traces = request.tracer !== false;
  const labels = metricLabels(request.filter, config);
  const filter = wasmFilter(request, config, restricts);
  return {
    ...(request.behindTracer ? beforeTracer() : { http_filters: [filter] }),
    ...(traces && tags.length > 0 ? { tracing: { custom_tags: tags.map(envoyTag) } } : {}),
    access_log: [
      { name: "envoy.access_loggers.stdout", typed_config: { "@type": STDOUT, log_format: { json_format: logFields(request, tags) } } },
    ],
    ...(cluster ? { clusters: [cluster] } : {}),
    ...(labels.length > 0 ? { stats_config: { stats_tags: statsTags(labels) } } : {}),
    ...(request.behindTracer ? afterTracer(filter, "http1") : {}),
  };
}

/** The fields of the access log, as formats. */
export function logFields(request: ManifestRequest, tags: readonly SpanTag[]): Record<string, string> {
  return {
    time: "%START_TIME%",
    method: "%REQ(:METHOD)%",
    path: "%REQ(:PATH)%",
    status: "%RESPONSE_CODE%",
    duration_ms: "%DURATION%",
    ...ids(request),
    ...Object.fromEntries(tags.map(tag => [tag.name, logFormat(tag)])),
  };
}

/** The span that Envoy exports. Its router writes it into traceparent, which a log reads where it has no word of its own for an id. */
function ids(request: ManifestRequest): Record<string, string> {
  if (request.tracer === false) {
    return Object.fromEntries(exposedIds(request).map(id => [id, `%FILTER_STATE(wasm.trace_context.${id}:PLAIN)%`]));
  }
  const knows = (version: string): boolean => compareVersions(request.envoyVersion, version) >= 0;
  // Envoy 1.37 refuses %SPAN_ID%, and 1.36 is the oldest that was seen to take %TRACE_ID%.
  if (knows("1.39")) return { trace_id: "%TRACE_ID%", span_id: "%SPAN_ID%" };
  return { ...(knows("1.36") ? { trace_id: "%TRACE_ID%" } : {}), traceparent: "%REQ(TRACEPARENT)%" };
}
