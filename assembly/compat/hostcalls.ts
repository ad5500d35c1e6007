/** The functions of the API that are one hostcall each. None of them aborts: what the host refuses is told by the result, or in the log. */
import { StreamType } from "../abi/enums";
import {
  proxy_call_foreign_function,
  proxy_dequeue_shared_queue,
  proxy_done,
  proxy_enqueue_shared_queue,
  proxy_get_buffer_bytes,
  proxy_get_buffer_status,
  proxy_get_current_time_nanoseconds,
  proxy_get_log_level,
  proxy_get_property,
  proxy_get_shared_data,
  proxy_get_status,
  proxy_register_shared_queue,
  proxy_resolve_shared_queue,
  proxy_send_local_response,
  proxy_set_buffer_bytes,
  proxy_set_property,
  proxy_set_shared_data,
  proxy_set_tick_period_milliseconds,
  proxy_set_effective_context as setEffectiveContext,
} from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { continueStream, noteEffective } from "../sdk/continuing";
import { contextChanged } from "../sdk/lifecycle";
import { log as hostLog } from "../sdk/log";
import { complain, hostAnswers, noBytes, OUT_MORE, sliceLength, slicePointer, takeBytes, textSlice } from "./bytes";
import { actsFor, noteActing } from "./effective";
import { BufferTypeValues, GrpcStatusValues, LogLevelValues, WasmResultValues } from "./enums";
import { serve } from "./extras";
import { Headers, pairsSlice } from "./headers";
import { keepRequest, keepResponse } from "./kept";

// Log, clock, timer -------------------------------------------------------------------------------------------------

/** Costs a question for the host's level and no more when the host would not write it. */
export function log(level: LogLevelValues, logMessage: string): void {
  hostLog.write(<i32>level, logMessage);
}

/** The lowest level that the host writes. */
export function logLevel(): LogLevelValues {
  return hostAnswers("logLevel") && proxy_get_log_level(OUT) == 0 ? <LogLevelValues>load<u32>(OUT) : LogLevelValues.info;
}

export class StatusWithData {
  status: u32 = 0;
  data: ArrayBuffer = noBytes();
}

/** How a gRPC call ended; valid in `on_grpc_close`. */
export function get_status(): StatusWithData {
  const result = new StatusWithData();
  if (proxy_get_status(OUT_MORE, OUT, OUT_SIZE) != 0) return result;
  result.status = load<u32>(OUT_MORE);
  result.data = takeBytes();
  return result;
}

export function set_tick_period_milliseconds(millisecond: u32): void {
  if (!hostAnswers("set_tick_period_milliseconds")) return;
  const status = proxy_set_tick_period_milliseconds(millisecond);
  if (status != 0) complain("set_tick_period_milliseconds", status);
}

/** Since 1970; 0 when the host does not tell. */
export function get_current_time_nanoseconds(): u64 {
  return hostAnswers("get_current_time_nanoseconds") && proxy_get_current_time_nanoseconds(OUT) == 0 ? load<u64>(OUT) : 0;
}

// Properties --------------------------------------------------------------------------------------------------------

/** Leaves the property for `takeBytes`. */
export function askProperty(path: string): WasmResultValues {
  if (!hostAnswers("get_property")) return WasmResultValues.NotFound;
  if (isMoved(path) && askHost("xds\0" + path) == WasmResultValues.Ok) return WasmResultValues.Ok;
  return askHost(path);
}

function askHost(path: string): WasmResultValues {
  const bytes = textSlice(path);
  return proxy_get_property(slicePointer(bytes), sliceLength(bytes), OUT, OUT_SIZE);
}

/** Whether Envoy may once have had an attribute under this name, such as `route_name`; it has those below `xds` now. */
function isMoved(path: string): bool {
  if (path.startsWith("route_") || path.startsWith("cluster_")) return true;
  return path.startsWith("listener_") || path.startsWith("upstream_host_metadata");
}

/** The parts of a path are parted by 0; empty when there is no such property. */
export function get_property(path: string): ArrayBuffer {
  return askProperty(path) == WasmResultValues.Ok ? takeBytes() : noBytes();
}

export function set_property(path: string, data: ArrayBuffer): WasmResultValues {
  const bytes = textSlice(path);
  return proxy_set_property(slicePointer(bytes), sliceLength(bytes), changetype<usize>(data), data.byteLength);
}

// Streams -----------------------------------------------------------------------------------------------------------

export function continue_request(): WasmResultValues {
  keepRequest();
  return <WasmResultValues>continueStream(StreamType.HttpRequest);
}

export function continue_response(): WasmResultValues {
  keepResponse();
  return <WasmResultValues>continueStream(StreamType.HttpResponse);
}

/** Answers the client, in place of the upstream. */
export function send_local_response(
  response_code: u32,
  response_code_details: string,
  body: ArrayBuffer,
  additional_headers: Headers,
  grpc_status: GrpcStatusValues,
): WasmResultValues {
  const details = textSlice(response_code_details);
  const headers = pairsSlice(additional_headers);
  return proxy_send_local_response(
    response_code,
    slicePointer(details),
    sliceLength(details),
    changetype<usize>(body),
    body.byteLength,
    slicePointer(headers),
    sliceLength(headers),
    <i32>grpc_status,
  );
}

/** The same for a client that does not speak gRPC. */
export function send_http_response(
  response_code: u32,
  response_code_details: string,
  body: ArrayBuffer,
  additional_headers: Headers,
): WasmResultValues {
  return send_local_response(response_code, response_code_details, body, additional_headers, GrpcStatusValues.InvalidCode);
}

/** Has the route chosen anew. Hosts of ABI 0.2 have it as a foreign function. */
export function clear_route_cache(): WasmResultValues {
  const name = textSlice("clear_route_cache");
  return proxy_call_foreign_function(slicePointer(name), sliceLength(name), 0, 0, OUT, OUT_SIZE);
}

/** Hostcalls act for that context from now on, until the callback returns. */
export function proxy_set_effective_context(_id: u32): WasmResultValues {
  if (actsFor(_id)) return WasmResultValues.Ok;
  const status = setEffectiveContext(_id);
  if (status == 0) {
    noteEffective(_id);
    noteActing(_id);
    serve(_id);
    contextChanged();
  } else complain("proxy_set_effective_context", status);
  return status;
}

/** The name of the same up to 0.1.2. */
export function set_effective_context(effective_context_id: u32): WasmResultValues {
  return proxy_set_effective_context(effective_context_id);
}

/** The context whose `onDone` answered false has finished. */
export function done(): WasmResultValues {
  return proxy_done();
}

// Buffers -----------------------------------------------------------------------------------------------------------

/** Empty when there is no such buffer. */
export function get_buffer_bytes(typ: BufferTypeValues, start: u32, length: u32): ArrayBuffer {
  return proxy_get_buffer_bytes(typ, start, length, OUT, OUT_SIZE) == 0 ? takeBytes() : noBytes();
}

export function set_buffer_bytes(typ: BufferTypeValues, start: u32, length: u32, value: ArrayBuffer): WasmResultValues {
  return proxy_set_buffer_bytes(typ, start, length, changetype<usize>(value), value.byteLength);
}

export class BufferStatusResult {
  result: WasmResultValues = WasmResultValues.Ok;
  length: usize = 0;
  flags: u32 = 0;
}

export function get_buffer_status(typ: BufferTypeValues): BufferStatusResult {
  const status = new BufferStatusResult();
  status.result = proxy_get_buffer_status(typ, OUT, OUT_SIZE);
  if (status.result != WasmResultValues.Ok) return status;
  status.length = load<u32>(OUT);
  status.flags = load<u32>(OUT_SIZE);
  return status;
}

// Shared data and queues --------------------------------------------------------------------------------------------

export class GetSharedData {
  /** Null when there is none. */
  value: ArrayBuffer | null = null;
  result: WasmResultValues = WasmResultValues.NotFound;
  /** The version, for `set_shared_data`. */
  cas: u32 = 0;
}

export function get_shared_data(key: string): GetSharedData {
  const found = new GetSharedData();
  if (!hostAnswers("get_shared_data")) return found;
  const name = textSlice(key);
  found.result = proxy_get_shared_data(slicePointer(name), sliceLength(name), OUT, OUT_SIZE, OUT_MORE);
  if (found.result != WasmResultValues.Ok) return found;
  found.value = takeBytes();
  found.cas = load<u32>(OUT_MORE);
  return found;
}

/** With a version other than 0: only when the value still has it. */
export function set_shared_data(key: string, value: ArrayBuffer, cas: u32 = 0): WasmResultValues {
  if (!hostAnswers("set_shared_data")) return WasmResultValues.InternalFailure;
  const name = textSlice(key);
  return proxy_set_shared_data(slicePointer(name), sliceLength(name), changetype<usize>(value), value.byteLength, cas);
}

export class TokenSharedQueueResult {
  result: WasmResultValues = WasmResultValues.InternalFailure;
  token: u32 = 0;
}

/** Whoever registers a queue gets its `onQueueReady`. */
export function register_shared_queue(queue_name: string): TokenSharedQueueResult {
  const queue = new TokenSharedQueueResult();
  if (!hostAnswers("register_shared_queue")) return queue;
  const name = textSlice(queue_name);
  queue.result = proxy_register_shared_queue(slicePointer(name), sliceLength(name), OUT);
  if (queue.result == WasmResultValues.Ok) queue.token = load<u32>(OUT);
  return queue;
}

export function resolve_shared_queue(vm_id: string, queue_name: string): TokenSharedQueueResult {
  const queue = new TokenSharedQueueResult();
  if (!hostAnswers("resolve_shared_queue")) return queue;
  const vm = textSlice(vm_id);
  const name = textSlice(queue_name);
  queue.result = proxy_resolve_shared_queue(slicePointer(vm), sliceLength(vm), slicePointer(name), sliceLength(name), OUT);
  if (queue.result == WasmResultValues.Ok) queue.token = load<u32>(OUT);
  return queue;
}

export class DequeueSharedQueueResult {
  result: WasmResultValues = WasmResultValues.Empty;
  /** Null when there is none. */
  data: ArrayBuffer | null = null;
}

export function dequeue_shared_queue(token: u32): DequeueSharedQueueResult {
  const taken = new DequeueSharedQueueResult();
  taken.result = proxy_dequeue_shared_queue(token, OUT, OUT_SIZE);
  if (taken.result == WasmResultValues.Ok) taken.data = takeBytes();
  return taken;
}

export function enqueue_shared_queue(token: u32, data: ArrayBuffer): WasmResultValues {
  return proxy_enqueue_shared_queue(token, changetype<usize>(data), data.byteLength);
}

// Foreign functions -------------------------------------------------------------------------------------------------

/** Empty when the host refuses the call or has no such function. */
export function call_foreign_function(function_name: string, argument: string): ArrayBuffer {
  const name = textSlice(function_name);
  const bytes = textSlice(argument);
  store<usize>(OUT, 0);
  store<u32>(OUT_SIZE, 0);
  const status = proxy_call_foreign_function(slicePointer(name), sliceLength(name), slicePointer(bytes), sliceLength(bytes), OUT, OUT_SIZE);
  if (status == 0) return takeBytes();
  complain("foreign function " + function_name, status);
  return noBytes();
}
