import { compareVersions } from "../envoy/versions.ts";
import { SPAN_STATE_PREFIX, spanAttributeNames, spanStatePrefix } from "../envoy-config/index.ts";
import { ManifestError, type ManifestRequest, type SpanTag } from "./request.ts";

export interface TaggedConfig {
  readonly tags: readonly SpanTag[];
  /** The configuration with which the filter writes what the tags read. */
  readonly config: unknown;
}

/** The span attributes for Telemetry. Istio 1.29 is the first whose custom tags read filter state. */
export function istioTags(request: ManifestRequest): TaggedConfig {
  return spanTags(request, compareVersions(request.istioVersion, "1.29") >= 0);
}

/** The span attributes for Envoy's own configuration. 1.37 is the first whose custom tags read filter state. */
export function envoyTags(request: ManifestRequest): TaggedConfig {
  return spanTags(request, compareVersions(request.envoyVersion, "1.37") >= 0);
}

/**
 * Where tracing reads the span attributes of a request: filter state, or request headers where the proxy's custom tags
 * cannot read it; the configuration is then changed so that the filter writes headers.
 */
function spanTags(request: ManifestRequest, readsFilterState: boolean): TaggedConfig {
  const own = configuredTags(request, readsFilterState);
  const given = request.tags ?? [];
  const unreadable = given.find(({ source }) => source.from === "state");
  if (unreadable && !readsFilterState) {
    const next = `let the filter add a request header and give --tag ${unreadable.name}=header:NAME`;
    throw new ManifestError("target", `custom tags of Istio before 1.29 and Envoy before 1.37 cannot read ${unreadable.name}; ${next}`);
  }
  const names = new Set(given.map(({ name }) => name));
  return { tags: [...own.tags.filter(({ name }) => !names.has(name)), ...given], config: own.config };
}

function configuredTags({ filter, config }: ManifestRequest, readsFilterState: boolean): TaggedConfig {
  const names = spanAttributeNames(filter, config);
  const settings = spanSettings(filter, config);
  const to = Array.isArray(settings.to) ? settings.to : ["filter_state"];
  // trace-context knows no other place than filter state.
  const kept = readsFilterState ? untrusted(filter, config) : [];
  // traffic-split writes one header, that by which it routes.
  if (filter === "traffic-split" && !readsFilterState) return { tags: [routeTag(config)], config };
  if (names.length === 0) return { tags: kept, config };
  const prefix = spanStatePrefix(filter, config);
  if (readsFilterState && to.includes("filter_state")) return { tags: [...names.map(name => stateTag(name, prefix)), ...kept], config };
  if (to.includes("request_header")) return { tags: [...headerTags(names, settings), ...kept], config };
  // Only in baggage: nothing for tracing to read.
  if (readsFilterState) return { tags: kept, config };
  const moved = { ...settings, to: ["request_header", ...to.filter(place => place !== "filter_state")] };
  return {
    tags: headerTags(names, settings),
    config: filter === "mesh-telemetry" ? { ...asObject(config), span_attributes: moved } : moved,
  };
}

const PACK: ReadonlySet<string> = new Set([
  "span-attributes",
  "mesh-telemetry",
  "trace-context",
  "traffic-split",
  "tenant-metrics",
  "request-auth",
]);

/** Names that a filter of the pack stores as filter state `wasm.span.attributes.<name>`; null for other filters, of which nothing is known. */
export function stateNames(filter: string, config: unknown): string[] | null {
  if (!PACK.has(filter)) return null;
  const { to } = spanSettings(filter, config);
  const stores = (!Array.isArray(to) || to.includes("filter_state")) && spanStatePrefix(filter, config) === SPAN_STATE_PREFIX;
  return [...(stores ? spanAttributeNames(filter, config) : []), ...untrusted(filter, config).map(({ name }) => name)];
}

/** Environment variables that the configuration reads; a VM sees only those that it is granted. */
export function environmentNames(filter: string, config: unknown): string[] {
  const { attributes } = filter === "trace-context" ? exportedAttributes(config) : spanSettings(filter, config);
  const { labels, api_keys } = asObject(config);
  const sources = [attributes, ...(filter === "tenant-metrics" ? [labels] : []), ...(filter === "request-auth" ? [[api_keys]] : [])];
  const names = sources.flatMap(each => (Array.isArray(each) ? each.map(item => asObject(item).env) : []));
  return [...new Set(names.filter(name => typeof name === "string"))];
}

/** What trace-context shows of the traceparent that it leaves behind: `trace_id`, `span_id`, `sampled`. */
export function exposedIds({ filter, config }: ManifestRequest): string[] {
  const { expose } = traceSettings(filter, config);
  return Array.isArray(expose) ? expose.filter(name => typeof name === "string") : [];
}

function routeTag(config: unknown): SpanTag {
  const { route_header } = asObject(config);
  const header = typeof route_header === "string" ? route_header.toLowerCase() : "x-variant";
  return { name: "variant", source: { from: "header", header } };
}

const stateTag = (name: string, prefix = SPAN_STATE_PREFIX): SpanTag => ({
  name,
  source: prefix === SPAN_STATE_PREFIX ? { from: "state" } : { from: "state", prefix },
});

/** An edge that trusts nobody keeps the caller's traceparent as an attribute. */
function untrusted(filter: string, config: unknown): SpanTag[] {
  return traceSettings(filter, config).trust === "none" ? [stateTag("trace_context.untrusted_traceparent")] : [];
}

/** What a filter of the pack is told of span attributes; empty where it sets none. */
export function spanSettings(filter: string, config: unknown): Record<string, unknown> {
  if (filter === "span-attributes") return asObject(config);
  return filter === "mesh-telemetry" ? asObject(asObject(config).span_attributes) : {};
}

const exportedAttributes = (config: unknown): Record<string, unknown> => asObject(asObject(asObject(config).export).span_attributes);

/** What a filter of the pack is told of trace context; empty where it carries none. */
export function traceSettings(filter: string, config: unknown): Record<string, unknown> {
  if (filter === "trace-context") return asObject(config);
  return filter === "mesh-telemetry" ? asObject(asObject(config).trace_context) : {};
}

/** By the filter's rule: what is no letter or digit becomes `-`. */
function headerTags(names: readonly string[], settings: Record<string, unknown>): SpanTag[] {
  const prefix = typeof settings.request_header_prefix === "string" ? settings.request_header_prefix : "x-span-";
  const taken = new Map<string, string>();
  return names.map(name => {
    const header = (prefix + name.replace(/[^A-Za-z0-9]/g, "-")).toLowerCase();
    const other = taken.get(header);
    if (other) throw new ManifestError("config", `"${other}" and "${name}" would be the same request header ${header}; rename one`);
    taken.set(header, name);
    return { name, source: { from: "header", header } };
  });
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
