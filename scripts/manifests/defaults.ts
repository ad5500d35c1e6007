import type { ManifestRequest, Phase } from "./request.ts";

/** Filters that guard nothing: a request without them loses an attribute, a count or a choice of route. */
const HARMLESS: ReadonlySet<string> = new Set(["mesh-telemetry", "span-attributes", "trace-context", "tenant-metrics", "traffic-split"]);

/** What a filter gets when nobody asks: those of the pack that guard nothing let requests pass after a crash, any other one may. */
export function defaultFailurePolicy(filter: string): ManifestRequest["failurePolicy"] {
  return HARMLESS.has(filter) ? "open" : "closed";
}

/** Where Istio puts a filter when nobody asks: one that tells who the user is comes before all that want to know, another one after them. */
export const defaultPhase = (filter: string): Phase => (filter === "request-auth" ? "AUTHN" : "STATS");
