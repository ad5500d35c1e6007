/** The hostcalls as the originals declare them, for filters that make some of their own: those of today's ABI, and what came before it. */
import { StreamType as Direction } from "../abi/enums";
import { proxy_continue_stream, proxy_get_buffer_bytes } from "../abi/hostcalls";
import { BufferTypeValues } from "./enums";
import { clear_route_cache } from "./hostcalls";
import { keepRequest, keepResponse } from "./kept";

export * from "../abi/hostcalls";

export type LogLevel = usize;
export type WasmResult = u32;
export type MetricType = i32;
export type PeerType = i32;
export type HeaderMapType = i32;
export type BufferType = i32;
export type BufferFlags = i32;
export type StreamType = i32;

/** Up to 0.1.7. */
export function proxy_continue_request(): WasmResult {
  keepRequest();
  return proxy_continue_stream(Direction.HttpRequest);
}

/** Up to 0.1.7. */
export function proxy_continue_response(): WasmResult {
  keepResponse();
  return proxy_continue_stream(Direction.HttpResponse);
}

/** Up to 0.1.7. */
export function proxy_get_configuration(configuration_ptr: usize, configuration_size: usize): WasmResult {
  return proxy_get_buffer_bytes(BufferTypeValues.PluginConfiguration, 0, u32.MAX_VALUE, configuration_ptr, configuration_size);
}

/** Hosts of ABI 0.2 have it as a foreign function. */
export function proxy_clear_route_cache(): WasmResult {
  return clear_route_cache();
}
