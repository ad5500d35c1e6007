const SPAN_ATTRIBUTES = {
  custom_attributes: { "app.version": "1.4.2", "cluster.name": "edge-1" },
  attributes: [
    { name: "user.id", header: "x-user-id" },
    { name: "tenant.id", header: "x-tenant-id" },
  ],
};
const TRACE_CONTEXT = { parent_id: "renew" };

/** The measured task as configuration of the filters in the pack: three headers read, traceparent renewed, four attributes set. */
const TASK: Record<string, unknown> = {
  "mesh-telemetry": { span_attributes: SPAN_ATTRIBUTES, trace_context: TRACE_CONTEXT },
  "span-attributes": SPAN_ATTRIBUTES,
  "trace-context": TRACE_CONTEXT,
};

/** The task's configuration for a filter of that name; undefined (no bytes) for a filter that is not in the pack. */
export function taskConfiguration(name: string): unknown {
  return TASK[name];
}
