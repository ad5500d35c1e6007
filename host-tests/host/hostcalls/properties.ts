import { attribute } from "../attributes.ts";
import { Status } from "../status.ts";
import { serialize, step, type Value } from "../value.ts";
import type { Vm } from "../vm.ts";
import type { HostFunctions } from "./types.ts";

/** The value at a path whose parts are separated by NUL. */
function property(vm: Vm, path: string): Value | undefined {
  const parts = path.split("\0");
  // Envoy takes a NUL at the end for the end.
  if (parts.length > 1 && parts.at(-1) === "") parts.pop();
  let value: Value | undefined;
  for (const [index, part] of parts.entries()) {
    value = index === 0 ? attribute(vm.context, part, parts.length === 1) : value && step(value, part);
    if (!value) return undefined;
  }
  return value;
}

export const propertyCalls: HostFunctions = {
  proxy_get_property(vm: Vm, pathPointer: number, pathSize: number, pointerOut: number, sizeOut: number) {
    const path = vm.memory.text(pathPointer, pathSize);
    if (path === null) return Status.InvalidMemoryAccess;
    if (path === "") return Status.SerializationFailure;
    const value = property(vm, path);
    if (!value) return Status.NotFound;
    const data = serialize(value);
    if (!data) return Status.SerializationFailure;
    return vm.give(data, pointerOut, sizeOut) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_set_property(vm: Vm, pathPointer: number, pathSize: number, valuePointer: number, valueSize: number) {
    const path = vm.memory.text(pathPointer, pathSize);
    const value = vm.memory.text(valuePointer, valueSize);
    if (path === null || value === null) return Status.InvalidMemoryAccess;
    const { context } = vm;
    const info = context.mutableInfo;
    if (!info) return Status.NotFound;
    return info.filterState.setWasm(path, value, context.root?.declarations.get(path));
  },
};
