import { compareVersions } from "../envoy/versions.ts";
import { object, selection } from "./metadata.ts";
import type { ManifestRequest } from "./request.ts";
import { type SpanTag, stateFormat } from "./span-tags.ts";

/** The custom tags that read what the filter wrote; null when it writes no span attributes. */
export function telemetry(request: ManifestRequest, tags: readonly SpanTag[]): Record<string, unknown> | null {
  if (tags.length === 0) return null;
  const { provider, scope, istioVersion } = request;
  const version = compareVersions(istioVersion, "1.22") < 0 ? "v1alpha1" : "v1";
  const customTags = Object.fromEntries(tags.map(tag => [tag.name, source(tag)]));
  const tracing = [{ ...(provider ? { providers: [{ name: provider }] } : {}), customTags }];
  return object(`telemetry.istio.io/${version}`, "Telemetry", request, { ...selection(scope), tracing });
}

function source({ name, header }: SpanTag): Record<string, unknown> {
  return header === null ? { formatter: { value: stateFormat(name) } } : { header: { name: header } };
}
