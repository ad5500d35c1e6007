import type { CallbackName } from "../../abi/callbacks.ts";
import type { HostcallName } from "../../abi/hostcalls.ts";
import type { KeepRule } from "../callbacks.ts";

const ALWAYS: KeepRule = { always: true };
const NEVER: KeepRule = {};
const GRPC: readonly HostcallName[] = ["proxy_grpc_call", "proxy_grpc_stream"];

/** For each export that Envoy knows: when a module built from compat keeps it. */
export const COMPAT_KEEP_RULES: Readonly<Record<CallbackName, KeepRule>> = {
  proxy_abi_version_0_2_1: ALWAYS,
  _initialize: ALWAYS,
  _start: NEVER,
  malloc: ALWAYS,
  proxy_on_memory_allocate: ALWAYS,

  proxy_on_configure: ALWAYS,
  proxy_validate_configuration: NEVER,
  proxy_on_vm_start: { overrides: ["root.onStart"] },
  proxy_on_tick: { overrides: ["root.onTick"] },
  proxy_on_queue_ready: { overrides: ["root.onQueueReady"] },

  proxy_on_context_create: { streamState: true },
  // A root context that ends cancels its calls.
  proxy_on_done: { overrides: ["root.onDone", "stream.onDone"], hostcalls: ["proxy_http_call"] },
  proxy_on_log: { overrides: ["stream.onLog"] },
  proxy_on_delete: { overrides: ["root.onDelete", "stream.onDelete"], streamState: true },

  proxy_on_new_connection: { overrides: ["stream.onNewConnection"] },
  proxy_on_downstream_data: { overrides: ["stream.onDownstreamData"] },
  proxy_on_upstream_data: { overrides: ["stream.onUpstreamData"] },
  proxy_on_downstream_connection_close: { overrides: ["stream.onDownstreamConnectionClose"] },
  proxy_on_upstream_connection_close: { overrides: ["stream.onUpstreamConnectionClose"] },

  proxy_on_request_headers: { overrides: ["stream.onRequestHeaders"] },
  proxy_on_request_body: { overrides: ["stream.onRequestBody"] },
  proxy_on_request_trailers: { overrides: ["stream.onRequestTrailers"] },
  proxy_on_request_metadata: { overrides: ["stream.onRequestMetadata"] },
  proxy_on_response_headers: { overrides: ["stream.onResponseHeaders"] },
  proxy_on_response_body: { overrides: ["stream.onResponseBody"] },
  proxy_on_response_trailers: { overrides: ["stream.onResponseTrailers"] },
  proxy_on_response_metadata: { overrides: ["stream.onResponseMetadata"] },

  proxy_on_http_call_response: { overrides: ["root.onHttpCallResponse"], hostcalls: ["proxy_http_call"] },
  proxy_on_grpc_receive_initial_metadata: { overrides: ["root.on_grpc_receive_initial_metadata"] },
  proxy_on_grpc_receive: { overrides: ["root.on_grpc_receive"] },
  proxy_on_grpc_receive_trailing_metadata: { overrides: ["root.on_grpc_trailing_metadata"] },
  proxy_on_grpc_close: { overrides: ["root.on_grpc_close"], hostcalls: GRPC },
  proxy_on_foreign_function: { overrides: ["root.onForeignFunction"] },
};
