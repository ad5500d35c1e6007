/** gRPC, which the originals leave out: its hooks are methods of the root context, `on_grpc_…`, and these are the calls. */
import { proxy_grpc_call, proxy_grpc_cancel, proxy_grpc_close, proxy_grpc_send, proxy_grpc_stream } from "../abi/hostcalls";
import { OUT_MORE, sliceLength, slicePointer, textSlice } from "./bytes";
import { WasmResultValues } from "./enums";
import { Headers, pairsSlice } from "./headers";

export class GrpcCallResult {
  result: WasmResultValues = WasmResultValues.InternalFailure;
  /** What the hooks name the call by. */
  token: u32 = 0;
}

/** A unary call. `service` is the serialized `envoy.config.core.v3.GrpcService`, or the name of a cluster as bytes. */
export function grpc_call(
  service: ArrayBuffer,
  service_name: string,
  method_name: string,
  metadata: Headers,
  request: ArrayBuffer,
  timeout_milliseconds: u32,
): GrpcCallResult {
  const name = textSlice(service_name);
  const method = textSlice(method_name);
  const pairs = pairsSlice(metadata);
  const call = new GrpcCallResult();
  call.result = proxy_grpc_call(
    changetype<usize>(service),
    service.byteLength,
    slicePointer(name),
    sliceLength(name),
    slicePointer(method),
    sliceLength(method),
    slicePointer(pairs),
    sliceLength(pairs),
    changetype<usize>(request),
    request.byteLength,
    timeout_milliseconds,
    OUT_MORE,
  );
  if (call.result == WasmResultValues.Ok) call.token = load<u32>(OUT_MORE);
  return call;
}

/** A stream of messages in both directions. */
export function grpc_stream(service: ArrayBuffer, service_name: string, method_name: string, metadata: Headers): GrpcCallResult {
  const name = textSlice(service_name);
  const method = textSlice(method_name);
  const pairs = pairsSlice(metadata);
  const call = new GrpcCallResult();
  call.result = proxy_grpc_stream(
    changetype<usize>(service),
    service.byteLength,
    slicePointer(name),
    sliceLength(name),
    slicePointer(method),
    sliceLength(method),
    slicePointer(pairs),
    sliceLength(pairs),
    OUT_MORE,
  );
  if (call.result == WasmResultValues.Ok) call.token = load<u32>(OUT_MORE);
  return call;
}

export function grpc_send(token: u32, message: ArrayBuffer, end_of_stream: bool): WasmResultValues {
  return proxy_grpc_send(token, changetype<usize>(message), message.byteLength, end_of_stream ? 1 : 0);
}

export function grpc_cancel(token: u32): WasmResultValues {
  return proxy_grpc_cancel(token);
}

export function grpc_close(token: u32): WasmResultValues {
  return proxy_grpc_close(token);
}
