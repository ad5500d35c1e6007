import { textOf } from "../bytes.ts";
import { Status } from "../status.ts";
import type { Vm } from "../vm.ts";
import type { HostFunctions } from "./types.ts";

export const metricCalls: HostFunctions = {
  proxy_define_metric(vm: Vm, type: number, name: number, nameSize: number, idOut: number) {
    const text = vm.memory.text(name, nameSize);
    if (text === null) return Status.InvalidMemoryAccess;
    const id = vm.host.metrics.define(vm, type, textOf(text));
    if (id === null) return Status.BadArgument;
    return vm.memory.setWord(idOut, id) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_increment_metric: (vm: Vm, id: number, offset: bigint) => vm.host.metrics.increment(vm, id, BigInt.asIntN(64, offset)),

  proxy_record_metric: (vm: Vm, id: number, value: bigint) => vm.host.metrics.record(vm, id, value),

  proxy_get_metric(vm: Vm, id: number, valueOut: number) {
    const value = vm.host.metrics.get(vm, id);
    if (typeof value === "number") return value;
    return vm.memory.setLong(valueOut, value) ? Status.Ok : Status.InvalidMemoryAccess;
  },
};
