import type { CallbackName } from "../abi/callbacks.ts";
import type { HostcallName } from "../abi/hostcalls.ts";

/** Which of the SDK's context classes a method belongs to; `stream` is HTTP or TCP, `any` includes the plugin's. `root` and `stream` are compat's. */
export type ContextKind = "http" | "tcp" | "plugin" | "stream" | "any" | "root";

/** What in the user's code makes the export of a callback worth its price at every request. */
export interface KeepRule {
  /** Kept whatever the user's code is. */
  readonly always?: true;
  /** Kept when a subclass of that context overrides one of the methods, written `kind.method`. */
  readonly overrides?: readonly `${ContextKind}.${string}`[];
  /** Kept when a stream context has fields of its own, because then each stream needs its object. */
  readonly streamState?: true;
  /** Kept when the rest of the program makes one of these calls, whose answer comes by this callback. */
  readonly hostcalls?: readonly HostcallName[];
}

const ALWAYS: KeepRule = { always: true };
const NEVER: KeepRule = {};
const GRPC: readonly HostcallName[] = ["proxy_grpc_call", "proxy_grpc_stream"];

/** For each export that Envoy knows: when a module built from the SDK keeps it. */
export const KEEP_RULES: Readonly<Record<CallbackName, KeepRule>> = {
  proxy_abi_version_0_2_1: ALWAYS,
  _initialize: ALWAYS,
  _start: NEVER,
  malloc: ALWAYS,
  proxy_on_memory_allocate: ALWAYS,

  // The SDK reads each plugin's configuration there, also where the user has no plugin context.
  proxy_on_configure: ALWAYS,
  proxy_validate_configuration: NEVER,
  proxy_on_vm_start: { overrides: ["plugin.onVmStart"] },
  proxy_on_tick: { overrides: ["plugin.onTick"], hostcalls: ["proxy_set_tick_period_milliseconds"] },
  proxy_on_queue_ready: { overrides: ["plugin.onQueueReady"] },

  proxy_on_context_create: { overrides: ["any.onCreate"], streamState: true },
  proxy_on_done: { overrides: ["any.onDone"] },
  proxy_on_log: { overrides: ["stream.onLog"] },
  proxy_on_delete: { overrides: ["any.onDelete"], streamState: true },

  proxy_on_new_connection: { overrides: ["tcp.onNewConnection"] },
  proxy_on_downstream_data: { overrides: ["tcp.onDownstreamData"] },
  proxy_on_upstream_data: { overrides: ["tcp.onUpstreamData"] },
  proxy_on_downstream_connection_close: { overrides: ["tcp.onDownstreamClose"] },
  proxy_on_upstream_connection_close: { overrides: ["tcp.onUpstreamClose"] },

  proxy_on_request_headers: { overrides: ["http.onRequestHeaders"] },
  proxy_on_request_body: { overrides: ["http.onRequestBody"] },
  proxy_on_request_trailers: { overrides: ["http.onRequestTrailers"] },
  proxy_on_request_metadata: { overrides: ["http.onRequestMetadata"] },
  proxy_on_response_headers: { overrides: ["http.onResponseHeaders"] },
  proxy_on_response_body: { overrides: ["http.onResponseBody"] },
  proxy_on_response_trailers: { overrides: ["http.onResponseTrailers"] },
  proxy_on_response_metadata: { overrides: ["http.onResponseMetadata"] },

  proxy_on_http_call_response: { overrides: ["any.onHttpCallResponse"], hostcalls: ["proxy_http_call"] },
  proxy_on_grpc_receive_initial_metadata: { overrides: ["any.onGrpcReceiveInitialMetadata"], hostcalls: GRPC },
  proxy_on_grpc_receive: { overrides: ["any.onGrpcReceive"], hostcalls: GRPC },
  proxy_on_grpc_receive_trailing_metadata: { overrides: ["any.onGrpcReceiveTrailingMetadata"], hostcalls: GRPC },
  proxy_on_grpc_close: { overrides: ["any.onGrpcClose"], hostcalls: GRPC },
  proxy_on_foreign_function: { overrides: ["any.onForeignFunction"] },
};
