import binaryen from "assemblyscript/binaryen";
import { functions, type Module } from "../module.ts";
import type { Usage } from "../usage.ts";

const ALLOCATE = "~lib/rt/tlsf/__alloc";
const FREE = "~lib/rt/tlsf/__free";

/** Puts lists of small blocks before the allocator; see assembly/compat/small-blocks.ts. */
export function keepSmallBlocks(module: Module, { sdkPath }: Usage): void {
  const [allocate, free] = [module.getFunction(ALLOCATE), module.getFunction(FREE)];
  if (!allocate || !free) return;
  const argument = (): number => module.local.get(0, binaryen.i32);
  const call = (name: string): number =>
    module.call(`${sdkPath.replace(/sdk\/$/, "compat/small-blocks/")}${name}`, [argument()], binaryen.i32);
  functions.setBody(
    allocate,
    module.block(null, [module.if(call("hasSmall"), module.return(call("takeSmall"))), functions.getBody(allocate)], binaryen.i32),
  );
  functions.setBody(free, module.block(null, [module.if(call("keepSmall"), module.return()), functions.getBody(free)], binaryen.none));
}
