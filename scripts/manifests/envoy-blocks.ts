import { compareVersions } from "../envoy/versions.ts";
import type { ManifestRequest } from "./request.ts";
import { type SpanTag, stateFormat } from "./span-tags.ts";
import { moduleCluster, wasmFilter } from "./wasm-filter.ts";

const STDOUT = "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog";

/** What goes into an HttpConnectionManager, and a cluster beside it where the module is fetched. */
export function envoyBlocks(request: ManifestRequest, config: unknown, tags: readonly SpanTag[]): Record<string, unknown> {
  const cluster = moduleCluster(request);
  const restricts = compareVersions(request.envoyVersion, "1.40") < 0 ? "plugin" : "vm";
  return {
    http_filters: [wasmFilter(request, config, restricts)],
    ...(tags.length > 0 ? { tracing: { custom_tags: tags.map(customTag) } } : {}),
    access_log: [accessLog(request, tags)],
    ...(cluster ? { clusters: [cluster] } : {}),
  };
}

function customTag({ name, header }: SpanTag): Record<string, unknown> {
  return header === null ? { tag: name, value: stateFormat(name) } : { tag: name, request_header: { name: header } };
}

function accessLog({ envoyVersion }: ManifestRequest, tags: readonly SpanTag[]): Record<string, unknown> {
  const json_format = {
    time: "%START_TIME%",
    method: "%REQ(:METHOD)%",
    path: "%REQ(:PATH)%",
    status: "%RESPONSE_CODE%",
    trace_id: "%TRACE_ID%",
    // Envoy 1.37 refuses the word.
    ...(compareVersions(envoyVersion, "1.39") < 0 ? {} : { span_id: "%SPAN_ID%" }),
    ...Object.fromEntries(tags.map(({ name, header }) => [name, header === null ? stateFormat(name) : `%REQ(${header})%`])),
  };
  return { name: "envoy.access_loggers.stdout", typed_config: { "@type": STDOUT, log_format: { json_format } } };
}
