import binaryen from "assemblyscript/binaryen";
import type { Module } from "../module.ts";
import type { Usage } from "../usage.ts";

/** Functions of the standard library, most of them imports, by their names in a program, and the function of assembly/compat/globals.ts that does the same. */
const PROVIDED: Readonly<Record<string, string>> = {
  "~lib/bindings/dom/Date.now": "dateNow",
  "~lib/bindings/dom/performance.now": "performanceNow",
  "~lib/builtins/seed": "seed",
};

/** Gives filters for SDKs that brought them the globals that Envoy has no imports for. */
export function provideGlobals(module: Module, { sdkPath }: Usage): void {
  for (const [name, ours] of Object.entries(PROVIDED)) {
    const found = module.getFunction(name);
    if (!found) continue;
    const { params, results } = binaryen.getFunctionInfo(found);
    const args = binaryen.expandType(params).map((type, index) => module.local.get(index, type));
    module.removeFunction(name);
    const call = module.call(`${sdkPath.replace(/sdk\/$/, "compat/globals/")}${ours}`, args, results);
    module.addFunction(name, params, results, [], call);
  }
}
