import binaryen from "assemblyscript/binaryen";
import { functions, type Module } from "../module.ts";
import type { Usage } from "../usage.ts";

/** Longer ones are the engine's. */
const LONGEST = 64;

/** Has short copies and fills done by the program itself; see assembly/compat/small-memory.ts. */
export function shortenCopies(module: Module, { sdkPath }: Usage): void {
  // The pass makes calls of them, to two functions of its own: those are replaced.
  const features = module.getFeatures();
  module.runPasses(["llvm-memory-copy-fill-lowering"]);
  module.setFeatures(features);
  const [to, second, size] = [0, 1, 2].map(index => module.local.get(index, binaryen.i32)) as [number, number, number];
  const isShort = module.i32.le_u(size, module.i32.const(LONGEST));
  const small = (name: string): number =>
    module.call(`${sdkPath.replace(/sdk\/$/, "compat/small-memory/")}${name}`, [to, second, size], binaryen.none);
  replace(module, "__memory_fill", module.if(isShort, small("fillSmall"), module.memory.fill(to, second, size)));
  // Where the target lies behind the source within its length, it has to go backwards.
  const isApart = module.i32.ge_u(module.i32.sub(to, second), size);
  const copies = module.i32.and(module.copyExpression(isShort), isApart);
  replace(module, "__memory_copy", module.if(copies, small("copySmall"), module.memory.copy(to, second, size)));
}

function replace(module: Module, name: string, body: number): void {
  const found = module.getFunction(name);
  if (found) functions.setBody(found, body);
}
