import { spanAttributeNames } from "../envoy-config/index.ts";
import { ManifestError } from "./request.ts";

/** A span attribute, and the request header that carries it; null: it is in filter state. */
export interface SpanTag {
  readonly name: string;
  readonly header: string | null;
}

export interface TaggedConfig {
  readonly tags: readonly SpanTag[];
  /** The configuration with which the filter writes what the tags read. */
  readonly config: unknown;
}

/** How Envoy's format strings name the filter state that the SDK sets; without PLAIN the value is base64 in JSON. */
export const stateFormat = (name: string): string => `%FILTER_STATE(wasm.span.attributes.${name}:PLAIN)%`;

/**
 * The span attributes of a filter's configuration, and where tracing reads them: filter state, or request headers where the proxy's custom tags
 * cannot read it; the configuration is then changed so that the filter writes headers.
 */
export function spanTags(filter: string, config: unknown, readsFilterState: boolean): TaggedConfig {
  const names = spanAttributeNames(filter, config);
  const settings = spanSettings(filter, config);
  const to = Array.isArray(settings.to) ? settings.to : ["filter_state"];
  if (names.length === 0) return { tags: [], config };
  if (readsFilterState && to.includes("filter_state")) return { tags: names.map(name => ({ name, header: null })), config };
  if (to.includes("request_header")) return { tags: headerTags(names, settings), config };
  // Only in baggage: nothing for tracing to read.
  if (readsFilterState) return { tags: [], config };
  const moved = { ...settings, to: ["request_header", ...to.filter(place => place !== "filter_state")] };
  return {
    tags: headerTags(names, settings),
    config: filter === "mesh-telemetry" ? { ...asObject(config), span_attributes: moved } : moved,
  };
}

/** Environment variables that the configuration reads; a VM sees only those that it is granted. */
export function environmentNames(filter: string, config: unknown): string[] {
  const { attributes } = spanSettings(filter, config);
  const names = Array.isArray(attributes) ? attributes.map(item => asObject(item).env) : [];
  return [...new Set(names.filter(name => typeof name === "string"))];
}

function spanSettings(filter: string, config: unknown): Record<string, unknown> {
  if (filter === "span-attributes") return asObject(config);
  return filter === "mesh-telemetry" ? asObject(asObject(config).span_attributes) : {};
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
    return { name, header };
  });
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
