import { compareVersions } from "../envoy/versions.ts";
import { ManifestError, type ManifestRequest, type SpanTag } from "./request.ts";
import { exposedIds } from "./span-tags.ts";
import { envoyTag, logFormat } from "./tag-forms.ts";
import { moduleCluster, wasmFilter } from "./wasm-filter.ts";

const STDOUT = "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog";

export interface EnvoyBlocks {
  readonly http_filters: readonly Record<string, unknown>[];
  readonly tracing?: { readonly custom_tags: readonly Record<string, unknown>[] };
  readonly access_log: readonly Record<string, unknown>[];
  readonly clusters?: readonly Record<string, unknown>[];
}

/** What goes into an HttpConnectionManager, and a cluster beside it where the module is fetched. */
export function envoyBlocks(request: ManifestRequest, config: unknown, tags: readonly SpanTag[]): EnvoyBlocks {
  if (request.code.from === "image") {
    throw new ManifestError("target", "Envoy pulls no images; give --remote URL, or take target istio");
  }
  const cluster = moduleCluster(request);
  const restricts = compareVersions(request.envoyVersion, "1.40") < 0 ? "plugin" : "vm";
  const traces = request.tracer !== false;
  return {
    http_filters: [wasmFilter(request, config, restricts)],
    ...(traces && tags.length > 0 ? { tracing: { custom_tags: tags.map(envoyTag) } } : {}),
    access_log: [
      { name: "envoy.access_loggers.stdout", typed_config: { "@type": STDOUT, log_format: { json_format: logFields(request, tags) } } },
    ],
    ...(cluster ? { clusters: [cluster] } : {}),
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
