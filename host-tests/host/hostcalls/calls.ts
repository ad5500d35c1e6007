import { textOf } from "../bytes.ts";
import type { GrpcTarget } from "../grpc-calls.ts";
import { decodePairs } from "../pairs.ts";
import type { PluginContext } from "../plugin-context.ts";
import { bytesField, decodeFields } from "../protobuf.ts";
import { Status } from "../status.ts";
import type { Vm } from "../vm.ts";
import type { HostFunctions } from "./types.ts";

/** Calls belong to the plugin context, also when a stream makes them. */
function root(vm: Vm): PluginContext {
  const { root } = vm.context;
  if (!root) throw new Error("a call outside of a plugin context");
  return root;
}

/** Reads several byte ranges; null when one is out of bounds. */
function ranges(vm: Vm, pointers: readonly number[]): Buffer[] | null {
  const all: Buffer[] = [];
  for (let i = 0; i + 1 < pointers.length; i += 2) {
    const data = vm.memory.read(pointers[i] as number, pointers[i + 1] as number);
    if (!data) return null;
    all.push(data);
  }
  return all;
}

const NONE = Buffer.alloc(0);

/** HTTP and gRPC calls. */
export const callCalls: HostFunctions = {
  proxy_http_call(vm: Vm, ...args: number[]) {
    const [timeoutMs = 0, tokenOut = 0] = args.slice(8);
    const read = ranges(vm, args.slice(0, 8));
    if (!read) return Status.InvalidMemoryAccess;
    const [cluster = NONE, headers = NONE, body = NONE, trailers = NONE] = read;
    // Written beforehand, so that no call is made when it can't be.
    if (!vm.memory.setWord(tokenOut, 0)) return Status.InvalidMemoryAccess;
    const [status, token] = root(vm).httpCalls.send(cluster.toString(), decodePairs(headers), body, decodePairs(trailers), timeoutMs | 0);
    vm.memory.setWord(tokenOut, token);
    return status;
  },

  proxy_grpc_call(vm: Vm, ...args: number[]) {
    const [timeoutMs = 0, tokenOut = 0] = args.slice(10);
    const read = ranges(vm, args.slice(0, 10));
    if (!read) return Status.InvalidMemoryAccess;
    const [cluster = NONE, service = NONE, method = NONE, metadata = NONE, message = NONE] = read;
    return started(vm, tokenOut, "call", cluster, service, method, metadata, message, timeoutMs);
  },

  proxy_grpc_stream(vm: Vm, ...args: number[]) {
    const [tokenOut = 0] = args.slice(8);
    const read = ranges(vm, args.slice(0, 8));
    if (!read) return Status.InvalidMemoryAccess;
    const [cluster = NONE, service = NONE, method = NONE, metadata = NONE] = read;
    return started(vm, tokenOut, "stream", cluster, service, method, metadata, null, 0);
  },

  proxy_grpc_send(vm: Vm, token: number, pointer: number, size: number, endStream: number) {
    const message = vm.memory.read(pointer, size);
    return message ? root(vm).grpcCalls.send(token, message, endStream !== 0) : Status.InvalidMemoryAccess;
  },

  proxy_grpc_cancel: (vm: Vm, token: number) => root(vm).grpcCalls.cancel(token),
  proxy_grpc_close: (vm: Vm, token: number) => root(vm).grpcCalls.close(token),
};

function started(
  vm: Vm,
  tokenOut: number,
  kind: "call" | "stream",
  cluster: Buffer,
  service: Buffer,
  method: Buffer,
  metadata: Buffer,
  message: Buffer | null,
  timeoutMs: number,
): number {
  const names = { service: textOf(service.toString("latin1")), method: textOf(method.toString("latin1")) };
  const [status, token] = root(vm).grpcCalls.start(kind, grpcTarget(cluster), names, decodePairs(metadata), message, timeoutMs);
  if (status !== Status.Ok) return status;
  return vm.memory.setWord(tokenOut, token) ? Status.Ok : Status.InvalidMemoryAccess;
}

/** Whom a call asks: a cluster's name, or a GrpcService message, `envoy_grpc { cluster_name, authority }`. */
function grpcTarget(service: Buffer): GrpcTarget {
  const target = decodeFields(bytesField(decodeFields(service) ?? new Map(), 1)) ?? new Map();
  const named = bytesField(target, 1).toString();
  if (named === "") return { cluster: service.toString(), authority: service.toString(), unknown: Status.ParseFailure };
  return { cluster: named, authority: bytesField(target, 2).toString() || named, unknown: Status.InternalFailure };
}
