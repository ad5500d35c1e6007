import { Context } from "./context.ts";
import type { PluginContext } from "./plugin-context.ts";
import type { Vm } from "./vm.ts";

/** Context 0: the module while it starts, and while it allocates. */
export class VmContext extends Context {
  constructor(vm: Vm) {
    super(vm, 0, vm.settings);
  }

  get root(): PluginContext | null {
    return null;
  }

  protected get logPrefix(): string {
    return "";
  }
}
