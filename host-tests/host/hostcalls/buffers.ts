import { Status } from "../status.ts";
import type { Vm } from "../vm.ts";
import type { HostFunctions } from "./types.ts";

const BUFFER_TYPES = 9;

export const bufferCalls: HostFunctions = {
  proxy_get_buffer_bytes(vm: Vm, type: number, start: number, maxSize: number, pointerOut: number, sizeOut: number) {
    if (type >= BUFFER_TYPES) return Status.BadArgument;
    const buffer = vm.context.buffer(type);
    if (!buffer) return Status.NotFound;
    const length = start > buffer.length ? 0 : Math.min(maxSize, buffer.length - start);
    const data = length === 0 ? Buffer.alloc(0) : buffer.read(start, length);
    return vm.give(data, pointerOut, sizeOut) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_get_buffer_status(vm: Vm, type: number, sizeOut: number, flagsOut: number) {
    if (type >= BUFFER_TYPES) return Status.BadArgument;
    const buffer = vm.context.buffer(type);
    if (!buffer) return Status.NotFound;
    const written = vm.memory.setWord(sizeOut, buffer.length) && vm.memory.setWord(flagsOut, 0);
    return written ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_set_buffer_bytes(vm: Vm, type: number, start: number, size: number, pointer: number, dataSize: number) {
    if (type >= BUFFER_TYPES) return Status.BadArgument;
    const buffer = vm.context.buffer(type);
    if (!buffer) return Status.NotFound;
    const data = vm.memory.read(pointer, dataSize);
    if (!data) return Status.InvalidMemoryAccess;
    return buffer.write?.(start, size, data) ?? Status.BadArgument;
  },
};
