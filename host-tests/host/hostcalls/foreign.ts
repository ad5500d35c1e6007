import { FOREIGN_FUNCTIONS } from "../foreign.ts";
import { Status } from "../status.ts";
import type { Vm } from "../vm.ts";
import type { HostFunctions } from "./types.ts";

export const foreignCalls: HostFunctions = {
  proxy_call_foreign_function(vm: Vm, name: number, nameSize: number, args: number, argsSize: number, out: number, sizeOut: number) {
    const called = vm.memory.text(name, nameSize);
    const given = vm.memory.read(args, argsSize);
    if (called === null || !given) return Status.InvalidMemoryAccess;
    const run = FOREIGN_FUNCTIONS[called];
    if (!run) return Status.NotFound;
    const answer = run(vm, given);
    const [status, result] = typeof answer === "number" ? [answer, null] : [Status.Ok, answer];
    let pointer = 0;
    // The host asks for memory also when the result has no bytes.
    if (result && out !== 0) {
      pointer = vm.allocate(result.length);
      if (pointer !== 0) vm.memory.write(pointer, result);
    }
    if (out !== 0 && !vm.memory.setWord(out, pointer)) return Status.InvalidMemoryAccess;
    if (sizeOut !== 0 && !vm.memory.setWord(sizeOut, result?.length ?? 0)) return Status.InvalidMemoryAccess;
    return status;
  },
};
