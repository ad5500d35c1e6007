/** What all dialects have. */
import { LogLevelValues } from "./enums";
import { log } from "./hostcalls";

export { BaseContext } from "./base-context";
export { deleteContext, ensureContext, getBaseContext } from "./context-access";
export {
  BufferFlagsValues,
  BufferTypeValues,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  FilterMetadataStatusValues,
  FilterStatusValues,
  FilterTrailersStatusValues,
  GrpcStatusValues,
  HeaderMapTypeValues,
  LogLevelValues,
  MetricTypeValues,
  PeerTypeValues,
  StreamTypeValues,
  WasmResultValues,
} from "./enums";
export { GrpcCallResult, grpc_call, grpc_cancel, grpc_close, grpc_send, grpc_stream } from "./grpc";
export {
  add_header_map_value,
  add_header_map_value_string,
  deserializeHeaders,
  get_header_map_flat_pairs,
  get_header_map_pairs,
  get_header_map_size,
  get_header_map_value,
  get_header_map_value_string,
  HeaderMapManipulator,
  HeaderPair,
  HeaderStreamManipulator,
  Headers,
  makeHeaderPair,
  remove_header_map_value,
  remove_header_map_value_string,
  replace_header_map_value,
  replace_header_map_value_string,
  StreamContext,
  serializeHeaders,
  set_header_map_flat_pairs,
  set_header_map_pairs,
  stream_context,
} from "./headers";
export {
  BufferStatusResult,
  call_foreign_function,
  clear_route_cache,
  continue_request,
  continue_response,
  DequeueSharedQueueResult,
  dequeue_shared_queue,
  done,
  enqueue_shared_queue,
  GetSharedData,
  get_buffer_bytes,
  get_buffer_status,
  get_current_time_nanoseconds,
  get_shared_data,
  get_status,
  logLevel,
  proxy_set_effective_context,
  register_shared_queue,
  resolve_shared_queue,
  StatusWithData,
  send_http_response,
  send_local_response,
  set_buffer_bytes,
  set_effective_context,
  set_shared_data,
  set_tick_period_milliseconds,
  TokenSharedQueueResult,
} from "./hostcalls";
export {
  Counter,
  define_metric,
  Gauge,
  get_metric,
  Histogram,
  increment_metric,
  Metric,
  MetricData,
  MetricResult,
  record_metric,
} from "./metrics";

/** A box, with the address of what is in it, for hostcalls that a filter declares itself. */
export class Reference<T> {
  // @ts-ignore: assigned by the host
  data: T;

  ptr(): usize {
    return changetype<usize>(this) + offsetof<Reference<T>>("data");
  }
}

/** What old build scripts name in `--use abort=abort_proc_exit`. `meshwright build` has an abort of its own, which says the same. */
export function abort_proc_exit(message: string | null, fileName: string | null, lineNumber: u32, columnNumber: u32): void {
  const where = (fileName == null ? "unknown" : fileName) + ":" + lineNumber.toString() + ":" + columnNumber.toString();
  log(LogLevelValues.critical, "abort: " + (message == null ? "trap" : message) + " (" + where + ")");
  unreachable();
}
