import { LOG_TEXT, logFields, recordFields } from "./access-log.ts";
import { COLLECTOR } from "./collector.ts";
import { objectName } from "./metadata.ts";
import type { LogForm, ManifestRequest, SpanTag } from "./request.ts";

/** Tracing's, where the request has no other name for it. */
const TRACING = "opentelemetry";

/** The extensionProvider that writes a filter's access log. */
export function logProvider(filter: string, form: LogForm): string {
  return `${objectName(filter)}-${form === "otlp" ? "otlp-log" : "log"}`;
}

/** Helm values of Istio's chart istiod: what traces and logs, as extensionProviders. Both forms of the log where the request names none. */
export function meshProviders(request: ManifestRequest, tags: readonly SpanTag[]): Record<string, unknown> {
  const forms: readonly LogForm[] = request.logForm ? [request.logForm] : ["json", "otlp"];
  const traces = request.tracer !== false;
  const extensionProviders = [
    ...(traces ? [{ name: request.provider ?? TRACING, opentelemetry: endpoint(request) }] : []),
    ...forms.map(form => ({ name: logProvider(request.filter, form), ...log(form, request, tags) })),
  ];
  return { meshConfig: { ...(traces ? { enableTracing: true } : {}), extensionProviders } };
}

/** Istio speaks gRPC to it. */
const endpoint = ({ collector = COLLECTOR }: ManifestRequest) => ({ service: collector.service, port: collector.grpcPort });

function log(form: LogForm, request: ManifestRequest, tags: readonly SpanTag[]): Record<string, unknown> {
  if (form === "json") return { envoyFileAccessLog: { path: "/dev/stdout", logFormat: { labels: logFields(request, tags) } } };
  const logFormat = { text: LOG_TEXT, labels: recordFields(request, tags) };
  return { envoyOtelAls: { ...endpoint(request), logName: request.filter, logFormat } };
}
