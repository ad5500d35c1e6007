import { parseSignature, type Signature } from "./signature.ts";

/** The export by which a module says that it speaks Proxy-Wasm 0.2.1. */
export const ABI_MARKER = "proxy_abi_version_0_2_1";

/** The exports that Envoy looks for, in this order, to get memory from the module; one of them must be there. */
export const ALLOCATORS: readonly string[] = ["malloc", "proxy_on_memory_allocate"];

// Every export that Envoy looks up in a 0.2.1 module. All but the marker and one allocator are optional:
// a callback that is not exported costs nothing.
const TABLE = {
  [ABI_MARKER]: ":",
  _initialize: ":",
  _start: ":",
  malloc: "w:w",
  proxy_on_memory_allocate: "w:w",
  // Life of the plugin
  proxy_validate_configuration: "ww:w",
  proxy_on_vm_start: "ww:w",
  proxy_on_configure: "ww:w",
  proxy_on_tick: "w:",
  proxy_on_queue_ready: "ww:",
  // Life of any context
  proxy_on_context_create: "ww:",
  proxy_on_done: "w:w",
  proxy_on_log: "w:",
  proxy_on_delete: "w:",
  // TCP
  proxy_on_new_connection: "w:w",
  proxy_on_downstream_data: "www:w",
  proxy_on_upstream_data: "www:w",
  proxy_on_downstream_connection_close: "ww:",
  proxy_on_upstream_connection_close: "ww:",
  // HTTP
  proxy_on_request_headers: "www:w",
  proxy_on_request_body: "www:w",
  proxy_on_request_trailers: "ww:w",
  proxy_on_request_metadata: "ww:w",
  proxy_on_response_headers: "www:w",
  proxy_on_response_body: "www:w",
  proxy_on_response_trailers: "ww:w",
  proxy_on_response_metadata: "ww:w",
  // Answers to calls
  proxy_on_http_call_response: "wwwww:",
  proxy_on_grpc_receive_initial_metadata: "www:",
  proxy_on_grpc_receive: "www:",
  proxy_on_grpc_receive_trailing_metadata: "www:",
  proxy_on_grpc_close: "www:",
  proxy_on_foreign_function: "www:",
} as const;

/** The name of an export that Envoy knows. */
export type CallbackName = keyof typeof TABLE;

/** Every export that Envoy looks up in a module, by name. */
export const CALLBACKS: ReadonlyMap<string, Signature> = new Map(
  Object.entries(TABLE).map(([name, notation]) => [name, parseSignature(notation)]),
);

/** Names under which some SDKs export a callback although Envoy never calls it, and the name that it does call. */
export const MISNAMED_CALLBACKS: ReadonlyMap<string, string> = new Map([
  ["proxy_on_grpc_trailing_metadata", "proxy_on_grpc_receive_trailing_metadata"],
  ["proxy_on_grpc_create_initial_metadata", "proxy_on_grpc_receive_initial_metadata"],
  ["proxy_on_http_request_headers", "proxy_on_request_headers"],
  ["proxy_on_http_response_headers", "proxy_on_response_headers"],
]);
