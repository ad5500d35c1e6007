/** What `Span.setAttribute` puts before a name. */
export const SPAN_STATE_PREFIX = "span.attributes.";

/** What span-attributes does without a configuration. */
const DEFAULTS = ["user.id", "tenant.id", "cluster.name", "service.version", "k8s.namespace.name"];

interface SpanAttributes {
  custom_attributes?: Record<string, unknown>;
  attributes?: { name?: unknown }[];
}

/** Names of the span attributes that a filter of the pack sets with a configuration, in its order, for their custom tags. Empty for other filters. */
export function spanAttributeNames(filter: string, config: unknown): string[] {
  const whole = isObject(config) ? config : {};
  const names = NAMES[filter]?.(whole) ?? [];
  return [...new Set(names.filter(name => typeof name === "string"))];
}

const NAMES: Readonly<Record<string, (config: Record<string, unknown>) => unknown[]>> = {
  "span-attributes": identity,
  "mesh-telemetry": ({ span_attributes: part }) => identity(isObject(part) ? part : {}),
  "traffic-split": ({ variants, fault }) => {
    const own = Array.isArray(variants) ? variants.flatMap(each => (isObject(each?.attributes) ? Object.keys(each.attributes) : [])) : [];
    return ["experiment", "variant", ...own, ...(fault === undefined ? [] : ["fault.injected"])];
  },
};

/** What stands before an attribute's name in the filter state that a filter writes with a configuration. */
export function spanStatePrefix(filter: string, config: unknown): string {
  const whole = isObject(config) ? config : {};
  const part = filter === "mesh-telemetry" ? whole.span_attributes : filter === "span-attributes" ? whole : {};
  const prefix = isObject(part) ? part.state_prefix : undefined;
  return typeof prefix === "string" ? prefix : SPAN_STATE_PREFIX;
}

function identity({ custom_attributes, attributes }: SpanAttributes): unknown[] {
  // Without a list of its own the filter has its defaults, also beside custom_attributes.
  const listed = Array.isArray(attributes) ? attributes.map(({ name }) => name) : DEFAULTS;
  return [...Object.keys(custom_attributes ?? {}), ...listed];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
