import { compareVersions } from "../envoy/versions.ts";
import { COLLECTOR_CLUSTER, COLLECTOR_GRPC_CLUSTER, type Collector } from "./collector.ts";
import type { ManifestRequest, SpanTag } from "./request.ts";
import { exposedIds } from "./span-tags.ts";
import { logFormat } from "./tag-forms.ts";

const STDOUT = "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog";
const OTLP = "type.googleapis.com/envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig";

const FILTER = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter";

/** What happened, for who reads records one by one. */
export const LOG_TEXT = "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE%";

/** The entry of Envoy's `access_log`. */
export function accessLog(request: ManifestRequest, tags: readonly SpanTag[], collector: Collector): Record<string, unknown> {
  if (request.logForm !== "otlp") {
    const log_format = { json_format: logFields(request, tags) };
    return { name: "envoy.access_loggers.stdout", ...when(request), typed_config: { "@type": STDOUT, log_format } };
  }
  const typed_config = {
    "@type": OTLP,
    ...transport(request, collector),
    resource_attributes: keyValues({ "service.name": collector.serviceName }),
    body: { string_value: LOG_TEXT },
    attributes: keyValues(recordFields(request, tags)),
    // Of the node; most Envoys have none, and the labels are empty then.
    disable_builtin_labels: true,
  };
  return { name: "envoy.access_loggers.open_telemetry", ...when(request), typed_config };
}

function when({ logWhen }: ManifestRequest): Record<string, unknown> {
  if (logWhen === undefined) return {};
  const typed_config = { "@type": FILTER, expression: logWhen };
  return { filter: { extension_filter: { name: "envoy.access_loggers.extension_filters.cel", typed_config } } };
}

/** Whether the log goes to a cluster of its own, because this Envoy sends it over gRPC alone. */
export const logsOverGrpc = ({ envoyVersion }: ManifestRequest): boolean => compareVersions(envoyVersion, "1.37") < 0;

/** Envoy 1.36 knows `common_config` and nothing else, later ones warn of it. */
function transport(request: ManifestRequest, { service, port }: Collector): Record<string, unknown> {
  const log_name = request.filter;
  if (logsOverGrpc(request)) {
    const grpc_service = { envoy_grpc: { cluster_name: COLLECTOR_GRPC_CLUSTER }, timeout: "5s" };
    return { common_config: { log_name, transport_api_version: "V3", grpc_service } };
  }
  return { log_name, http_service: { http_uri: { uri: `http://${service}:${port}/v1/logs`, cluster: COLLECTOR_CLUSTER, timeout: "5s" } } };
}

/** The fields of a line in JSON, as formats. */
export function logFields(request: ManifestRequest, tags: readonly SpanTag[]): Record<string, string> {
  return { time: "%START_TIME%", ...ofRequest(), ...ids(request), ...ofTags(tags) };
}

/**
 * The attributes of a record in OTLP, as formats. Time and, where a tracer runs, trace id and span id are fields of the record itself;
 * without one they are attributes, of which the Collector makes the record's.
 */
export function recordFields(request: ManifestRequest, tags: readonly SpanTag[]): Record<string, string> {
  return { ...ofRequest(), ...(request.tracer === false ? exposed(request) : {}), ...ofTags(tags) };
}

const ofRequest = (): Record<string, string> => ({
  method: "%REQ(:METHOD)%",
  authority: "%REQ(:AUTHORITY)%",
  path: "%REQ(:PATH)%",
  status: "%RESPONSE_CODE%",
  response_flags: "%RESPONSE_FLAGS%",
  duration_ms: "%DURATION%",
  upstream_host: "%UPSTREAM_HOST%",
  request_id: "%REQ(X-REQUEST-ID)%",
});

const ofTags = (tags: readonly SpanTag[]): Record<string, string> => Object.fromEntries(tags.map(tag => [tag.name, logFormat(tag)]));

const exposed = (request: ManifestRequest): Record<string, string> =>
  Object.fromEntries(exposedIds(request).map(id => [id, `%FILTER_STATE(wasm.trace_context.${id}:PLAIN)%`]));

/** The span that Envoy exports. Its router writes it into traceparent, which a log reads where it has no word of its own for an id. */
function ids(request: ManifestRequest): Record<string, string> {
  if (request.tracer === false) return exposed(request);
  const knows = (version: string): boolean => compareVersions(request.envoyVersion, version) >= 0;
  // Envoy 1.37 refuses %SPAN_ID%, and 1.36 is the oldest that was seen to take %TRACE_ID%.
  if (knows("1.39")) return { trace_id: "%TRACE_ID%", span_id: "%SPAN_ID%" };
  return { ...(knows("1.36") ? { trace_id: "%TRACE_ID%" } : {}), traceparent: "%REQ(TRACEPARENT)%" };
}

const keyValues = (fields: Readonly<Record<string, string>>) => ({
  values: Object.entries(fields).map(([key, string_value]) => ({ key, value: { string_value } })),
});
