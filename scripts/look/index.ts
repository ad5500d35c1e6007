export { type Look, type LookOptions, startLook } from "./look.ts";
export { Tenants } from "./tenants.ts";
export { type LookLog, traceViews } from "./traces.ts";
export type { LogView, SpanView, TenantsView, TraceView, View } from "./view.ts";
