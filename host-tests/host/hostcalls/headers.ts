import type { ByteString } from "../bytes.ts";
import type { HeaderMap } from "../header-map.ts";
import { decodePairs, encodePairs } from "../pairs.ts";
import { Status } from "../status.ts";
import type { Vm } from "../vm.ts";
import type { HostFunctions } from "./types.ts";

const MAP_TYPES = 8;

const REQUEST_HEADERS = 0;

/** After a change of a request's headers Envoy chooses its route anew, for modules of an ABI up to 0.2.1. */
function rerouted(vm: Vm, type: number): void {
  if (type === REQUEST_HEADERS) vm.context.clearRouteCache();
}

/** Changes a map that can be changed in this phase. */
function change(vm: Vm, type: number, pointers: readonly [number, number][], apply: (map: HeaderMap, texts: ByteString[]) => void): number {
  if (type >= MAP_TYPES) return Status.BadArgument;
  const texts: ByteString[] = [];
  for (const [pointer, size] of pointers) {
    const text = vm.memory.text(pointer, size);
    if (text === null) return Status.InvalidMemoryAccess;
    texts.push(text);
  }
  const map = vm.context.map(type);
  if (!map) return Status.BadArgument;
  apply(map, texts);
  rerouted(vm, type);
  return Status.Ok;
}

export const headerCalls: HostFunctions = {
  proxy_get_header_map_size(vm: Vm, type: number, out: number) {
    if (type >= MAP_TYPES) return Status.BadArgument;
    const map = vm.context.map(type);
    if (!map) return Status.BadArgument;
    return vm.memory.setWord(out, map.byteSize) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_get_header_map_pairs(vm: Vm, type: number, pointerOut: number, sizeOut: number) {
    if (type >= MAP_TYPES) return Status.BadArgument;
    const pairs = vm.context.readableMap(type)?.pairs() ?? [];
    const data = pairs.length === 0 ? Buffer.alloc(0) : encodePairs(pairs);
    return vm.give(data, pointerOut, sizeOut) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_set_header_map_pairs(vm: Vm, type: number, pointer: number, size: number) {
    if (type >= MAP_TYPES) return Status.BadArgument;
    const data = vm.memory.read(pointer, size);
    if (!data) return Status.InvalidMemoryAccess;
    const pairs = decodePairs(data);
    const map = vm.context.map(type);
    if (!map) return Status.BadArgument;
    map.clear();
    for (const [name, value] of pairs) map.add(name, value);
    rerouted(vm, type);
    return Status.Ok;
  },

  proxy_get_header_map_value(vm: Vm, type: number, key: number, keySize: number, pointerOut: number, sizeOut: number) {
    if (type >= MAP_TYPES) return Status.BadArgument;
    const name = vm.memory.text(key, keySize);
    if (name === null) return Status.InvalidMemoryAccess;
    const { context } = vm;
    const map = context.readableMap(type);
    if (!map) return context.inLogPhase ? Status.NotFound : Status.BadArgument;
    const value = map.get(name);
    if (value === undefined) return Status.NotFound;
    return vm.give(Buffer.from(value, "latin1"), pointerOut, sizeOut) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_add_header_map_value: (vm: Vm, type: number, key: number, keySize: number, value: number, valueSize: number) =>
    change(
      vm,
      type,
      [
        [key, keySize],
        [value, valueSize],
      ],
      (map, [name = "", text = ""]) => map.add(name, text),
    ),

  proxy_replace_header_map_value: (vm: Vm, type: number, key: number, keySize: number, value: number, valueSize: number) =>
    change(
      vm,
      type,
      [
        [key, keySize],
        [value, valueSize],
      ],
      (map, [name = "", text = ""]) => map.set(name, text),
    ),

  proxy_remove_header_map_value: (vm: Vm, type: number, key: number, keySize: number) =>
    change(vm, type, [[key, keySize]], (map, [name = ""]) => map.remove(name)),
};
