/** What span-attributes does without a configuration. */
const DEFAULTS = ["user.id", "tenant.id", "cluster.name", "service.version", "k8s.namespace.name"];

interface SpanAttributes {
  custom_attributes?: Record<string, unknown>;
  attributes?: { name?: unknown }[];
}

/**
 * Names of the span attributes that a configuration of span-attributes or mesh-telemetry sets, in its order; for their custom tags.
 * Empty for other filters.
 */
export function spanAttributeNames(filter: string, config: unknown): string[] {
  if (filter !== "span-attributes" && filter !== "mesh-telemetry") return [];
  const whole = isObject(config) ? config : {};
  const part = filter === "mesh-telemetry" ? whole.span_attributes : whole;
  const own: SpanAttributes = isObject(part) ? part : {};
  // Without a list of its own the filter has its defaults, also beside custom_attributes.
  const listed = Array.isArray(own.attributes) ? own.attributes.map(({ name }) => name) : DEFAULTS;
  const names = [...Object.keys(own.custom_attributes ?? {}), ...listed];
  return [...new Set(names.filter(name => typeof name === "string"))];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
