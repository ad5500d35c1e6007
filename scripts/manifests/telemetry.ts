import { compareVersions } from "../envoy/versions.ts";
import { object, selection } from "./metadata.ts";
import type { ManifestRequest, SpanTag } from "./request.ts";
import { istioTag } from "./tag-forms.ts";

/** What Istio is told to trace, log and count; null when the request has nothing of it. */
export function telemetry(request: ManifestRequest, tags: readonly SpanTag[]): Record<string, unknown> | null {
  const what = { ...tracing(request, tags), ...accessLogging(request), ...metrics(request) };
  if (Object.keys(what).length === 0) return null;
  const version = compareVersions(request.istioVersion, "1.22") < 0 ? "v1alpha1" : "v1";
  return object(`telemetry.istio.io/${version}`, "Telemetry", request, { ...selection(request.scope), ...what });
}

/** One entry: Istio supports no more. */
function tracing({ provider, sampling, tracer }: ManifestRequest, tags: readonly SpanTag[]): Record<string, unknown> {
  if (tracer === false) return { tracing: [{ disableSpanReporting: true }] };
  if (tags.length === 0 && sampling === undefined) return {};
  const entry = {
    ...(provider ? { providers: [{ name: provider }] } : {}),
    ...(sampling === undefined ? {} : { randomSamplingPercentage: sampling }),
    ...(tags.length > 0 ? { customTags: Object.fromEntries(tags.map(tag => [tag.name, istioTag(tag)])) } : {}),
  };
  return { tracing: [entry] };
}

function accessLogging({ accessLog, logWhen }: ManifestRequest): Record<string, unknown> {
  if (!accessLog) return {};
  return { accessLogging: [{ providers: [{ name: accessLog }], ...(logWhen === undefined ? {} : { filter: { expression: logWhen } }) }] };
}

function metrics({ metricTags }: ManifestRequest): Record<string, unknown> {
  const tags = Object.entries(metricTags ?? {});
  if (tags.length === 0) return {};
  const tagOverrides = Object.fromEntries(tags.map(([name, header]) => [name, { value: headerExpression(header) }]));
  const overrides = [{ match: { metric: "REQUEST_COUNT" }, tagOverrides }];
  return { metrics: [{ providers: [{ name: "prometheus" }], overrides }] };
}

/** CEL has no operator for a default. */
function headerExpression(header: string): string {
  return `'${header}' in request.headers ? request.headers['${header}'] : 'unknown'`;
}
