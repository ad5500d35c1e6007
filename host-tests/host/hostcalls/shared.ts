import { Status } from "../status.ts";
import type { Vm } from "../vm.ts";
import type { HostFunctions } from "./types.ts";

/** Shared data and queues. */
export const sharedCalls: HostFunctions = {
  proxy_get_shared_data(vm: Vm, key: number, keySize: number, pointerOut: number, sizeOut: number, casOut: number) {
    const name = vm.memory.text(key, keySize);
    if (name === null) return Status.InvalidMemoryAccess;
    const found = vm.host.sharedData.get(vm.settings.vmId, name);
    if (!found) return Status.NotFound;
    const given = vm.give(Buffer.from(found.value, "latin1"), pointerOut, sizeOut) && vm.memory.setWord(casOut, found.cas);
    return given ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_set_shared_data(vm: Vm, key: number, keySize: number, value: number, valueSize: number, cas: number) {
    const name = vm.memory.text(key, keySize);
    const data = vm.memory.text(value, valueSize);
    if (name === null || data === null) return Status.InvalidMemoryAccess;
    return vm.host.sharedData.set(vm.settings.vmId, name, data, cas);
  },

  proxy_register_shared_queue(vm: Vm, name: number, nameSize: number, tokenOut: number) {
    const queue = vm.memory.text(name, nameSize);
    if (queue === null) return Status.InvalidMemoryAccess;
    const { context } = vm;
    const token = vm.host.sharedQueues.register(vm, context.root?.id ?? context.id, queue);
    return vm.memory.setWord(tokenOut, token) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_resolve_shared_queue(vm: Vm, vmId: number, vmIdSize: number, name: number, nameSize: number, tokenOut: number) {
    const owner = vm.memory.text(vmId, vmIdSize);
    const queue = vm.memory.text(name, nameSize);
    if (owner === null || queue === null) return Status.InvalidMemoryAccess;
    const token = vm.host.sharedQueues.resolve(owner === "" ? vm.settings.vmId : owner, queue);
    if (token === 0) return Status.NotFound;
    return vm.memory.setWord(tokenOut, token) ? Status.Ok : Status.InvalidMemoryAccess;
  },

  proxy_enqueue_shared_queue(vm: Vm, token: number, data: number, dataSize: number) {
    const item = vm.memory.text(data, dataSize);
    return item === null ? Status.InvalidMemoryAccess : vm.host.sharedQueues.enqueue(token, item);
  },

  proxy_dequeue_shared_queue(vm: Vm, token: number, pointerOut: number, sizeOut: number) {
    const item = vm.host.sharedQueues.dequeue(token);
    if (typeof item === "number") return item;
    return vm.give(Buffer.from(item, "latin1"), pointerOut, sizeOut) ? Status.Ok : Status.InvalidMemoryAccess;
  },
};
