import { parseSignature, type Signature } from "./signature.ts";

/** The import module of every hostcall. */
export const HOSTCALL_MODULE = "env";

// Proxy-Wasm 0.2.1 as Envoy registers it for a module that exports proxy_abi_version_0_2_1.
// Notation: see parseSignature. Every hostcall returns a status word.
const TABLE = {
  // Logging
  proxy_log: "www:w",
  proxy_get_log_level: "w:w",
  // Status, clock and timer
  proxy_get_status: "www:w",
  proxy_get_current_time_nanoseconds: "w:w",
  proxy_set_tick_period_milliseconds: "w:w",
  // Contexts and streams
  proxy_set_effective_context: "w:w",
  proxy_done: ":w",
  proxy_continue_stream: "w:w",
  proxy_close_stream: "w:w",
  proxy_send_local_response: "wwwwwwww:w",
  // Buffers
  proxy_get_buffer_bytes: "wwwww:w",
  proxy_get_buffer_status: "www:w",
  proxy_set_buffer_bytes: "wwwww:w",
  // Header maps
  proxy_get_header_map_size: "ww:w",
  proxy_get_header_map_pairs: "www:w",
  proxy_set_header_map_pairs: "www:w",
  proxy_get_header_map_value: "wwwww:w",
  proxy_add_header_map_value: "wwwww:w",
  proxy_replace_header_map_value: "wwwww:w",
  proxy_remove_header_map_value: "www:w",
  // Properties
  proxy_get_property: "wwww:w",
  proxy_set_property: "wwww:w",
  // Shared data and queues
  proxy_get_shared_data: "wwwww:w",
  proxy_set_shared_data: "wwwww:w",
  proxy_register_shared_queue: "www:w",
  proxy_resolve_shared_queue: "wwwww:w",
  proxy_enqueue_shared_queue: "www:w",
  proxy_dequeue_shared_queue: "www:w",
  // Calls
  proxy_http_call: "wwwwwwwwww:w",
  proxy_grpc_call: "wwwwwwwwwwww:w",
  proxy_grpc_stream: "wwwwwwwww:w",
  proxy_grpc_send: "wwww:w",
  proxy_grpc_cancel: "w:w",
  proxy_grpc_close: "w:w",
  // Metrics
  proxy_define_metric: "wwww:w",
  proxy_increment_metric: "wl:w",
  proxy_record_metric: "wl:w",
  proxy_get_metric: "ww:w",
  // Foreign functions
  proxy_call_foreign_function: "wwwwww:w",
} as const;

/** A hostcall's name, as in the specification. */
export type HostcallName = keyof typeof TABLE;

/** Every hostcall that Envoy provides to a 0.2.1 module, by name. */
export const HOSTCALLS: ReadonlyMap<string, Signature> = new Map(
  Object.entries(TABLE).map(([name, notation]) => [name, parseSignature(notation)]),
);

/** Names that look right and that Envoy refuses all the same, with what to use instead. */
export const WITHDRAWN_HOSTCALLS: ReadonlyMap<string, string> = new Map([
  ["proxy_clear_route_cache", 'call the foreign function "clear_route_cache" instead'],
  ["proxy_get_configuration", "read the plugin's buffer (proxy_get_buffer_bytes, type 7) instead"],
  ["proxy_continue_request", "call proxy_continue_stream(0) instead"],
  ["proxy_continue_response", "call proxy_continue_stream(1) instead"],
]);
