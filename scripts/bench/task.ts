const SPAN_ATTRIBUTES = {
  custom_attributes: { "app.version": "1.4.2", "cluster.name": "edge-1" },
  attributes: [
    { name: "user.id", header: "x-user-id" },
    { name: "tenant.id", header: "x-tenant-id" },
  ],
};
const TRACE_CONTEXT = { parent_id: "renew" };

/**
 * How the filters of the pack are measured. For mesh-telemetry it is the task: three headers read, traceparent renewed, four attributes set.
 * The others have something ordinary to do that every request of the bench passes.
 */
const CONFIGURATIONS: Record<string, unknown> = {
  "mesh-telemetry": { span_attributes: SPAN_ATTRIBUTES, trace_context: TRACE_CONTEXT },
  "span-attributes": SPAN_ATTRIBUTES,
  "trace-context": TRACE_CONTEXT,
  "tenant-metrics": {
    labels: [
      { name: "tenant", header: "x-tenant-id", default: "none" },
      { name: "code", response: "code_class" },
    ],
  },
  "traffic-split": {
    variants: [
      { name: "stable", weight: 90 },
      { name: "canary", weight: 10 },
    ],
  },
  // What all requests have is their user agent; this is its digest.
  "request-auth": {
    api_keys: {
      header: "user-agent",
      keys: [{ sha256: "7a8abf611c9e151a558e94e0f6f7ce5b1d06a899bae77e5365aa9c56b7035bc6", user: "bench" }],
    },
  },
};

/** The configuration under which a filter of that name is measured; undefined (no bytes) for a filter that is not in the pack. */
export function taskConfiguration(name: string): unknown {
  return CONFIGURATIONS[name];
}

/** The task for mesh-telemetry with as many attributes: two from headers, the others the same for every request. */
export function attributesConfiguration(count: number): unknown {
  const attributes = SPAN_ATTRIBUTES.attributes.slice(0, count);
  const names = ["app.version", "cluster.name", ...Array.from({ length: 30 }, (_, i) => `attribute.${i}`)];
  const constants = names.slice(0, Math.max(0, count - attributes.length)).map(name => [name, "edge-1"]);
  return { span_attributes: { custom_attributes: Object.fromEntries(constants), attributes }, trace_context: TRACE_CONTEXT };
}

/** The task for mesh-telemetry, with the two attributes that are the same for every request kept with the connection. */
export const CONNECTION_CONSTANTS: unknown = {
  span_attributes: { ...SPAN_ATTRIBUTES, constants: "connection" },
  trace_context: TRACE_CONTEXT,
};

/** mesh-telemetry beside Envoy's tracer: the task's attributes for every request ("always") or for those that the tracer samples ("sampled"). */
export function spanAttributesConfiguration(when: string): unknown {
  return { span_attributes: { ...SPAN_ATTRIBUTES, when } };
}

/** The attributes that the task sets, each with its key in filter state as our filters write it; the peers write the same keys. */
export const SPAN_ATTRIBUTE_KEYS: readonly (readonly [name: string, filterState: string])[] = [
  "app.version",
  "cluster.name",
  "user.id",
  "tenant.id",
].map(name => [name, `wasm.span.attributes.${name}`] as const);
