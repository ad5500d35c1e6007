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
  const whole = isObject(config) ? config : {};
  const part = "span_attributes" in whole ? whole.span_attributes : whole;
  const own: SpanAttributes = isObject(part) ? part : {};
  if (own.custom_attributes === undefined && own.attributes === undefined) {
    return filter === "span-attributes" || filter === "mesh-telemetry" ? DEFAULTS : [];
  }
  const listed = Array.isArray(own.attributes) ? own.attributes : [];
  const names = [...Object.keys(own.custom_attributes ?? {}), ...listed.map(({ name }) => name)];
  return [...new Set(names.filter(name => typeof name === "string"))];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
