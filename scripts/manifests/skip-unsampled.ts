import { compareVersions } from "../envoy/versions.ts";
import { skipUnsampled } from "../envoy-config/index.ts";
import { ManifestError, type ManifestRequest } from "./request.ts";
import { spanSettings, stateNames, traceSettings } from "./span-tags.ts";

/** Filters of the pack whose effect is on spans. Of a filter of one's own its author knows. */
const FOR_SPANS: ReadonlySet<string> = new Set(["span-attributes", "mesh-telemetry"]);

/** The entry of `http_filters` as it is asked for: behind a matcher that lets only requests to it whose span this Envoy exports, or as it came. */
export function forSampledOnly(request: ManifestRequest, entry: Record<string, unknown>, envoyVersion: string): Record<string, unknown> {
  if (!request.skipUnsampled) return entry;
  const reason = needsEveryRequest(request, envoyVersion);
  if (reason) throw new ManifestError("target", `${reason}; leave out --skip-unsampled`);
  return skipUnsampled(entry, envoyVersion);
}

/** Why a filter has to see the requests that are not sampled, too; null where it does not. */
function needsEveryRequest({ filter, config, tracer, behindTracer }: ManifestRequest, envoyVersion: string): string | null {
  if (tracer === false) return "without a tracer nothing is sampled";
  if (behindTracer) return "behind the tracer trace-context corrects what every request takes with it";
  const isOfPack = stateNames(filter, config) !== null;
  if (isOfPack && !FOR_SPANS.has(filter)) return `${filter} does more than set attributes of spans`;
  if (compareVersions(envoyVersion, "1.37") < 0)
    return "custom tags of Envoy before 1.37 and Istio before 1.29 read request headers, which the filter takes from whoever sends them";
  const { to = ["filter_state"] } = spanSettings(filter, config);
  if (Array.isArray(to) && to.some(place => place !== "filter_state"))
    return 'the filter takes request headers and baggage from whoever sends them; "to" would have to be ["filter_state"]';
  const { trust, expose = [] } = traceSettings(filter, config);
  if (trust === "none") return 'with "trust": "none" the filter guards every request';
  return Array.isArray(expose) && expose.length > 0 ? "the access log shows the ids of every request" : null;
}
