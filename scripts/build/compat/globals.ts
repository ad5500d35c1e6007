import binaryen from "assemblyscript/binaryen";
import type { Module } from "../module.ts";
import type { Usage } from "../usage.ts";

/** What the standard library makes `process.env` of. */
export const PROCESS_ENV = "~lib/process/lazyEnv";

/** Functions of the standard library, most of them imports, by their names in a program, and the function of assembly/compat that does the same. */
const PROVIDED: Readonly<Record<string, string>> = {
  "~lib/bindings/dom/Date.now": "globals/dateNow",
  "~lib/bindings/dom/performance.now": "globals/performanceNow",
  "~lib/builtins/seed": "globals/seed",
  "~lib/bindings/dom/console.log": "globals/consoleLog",
  "~lib/bindings/dom/console.info": "globals/consoleLog",
  "~lib/bindings/dom/console.debug": "globals/consoleDebug",
  "~lib/bindings/dom/console.warn": "globals/consoleWarn",
  "~lib/bindings/dom/console.error": "globals/consoleError",
  [PROCESS_ENV]: "environment/processEnv",
};

/** Gives filters for SDKs that brought them the globals that Envoy has no imports for. */
export function provideGlobals(module: Module, { sdkPath }: Usage): void {
  for (const [name, ours] of Object.entries(PROVIDED)) {
    const found = module.getFunction(name);
    if (!found) continue;
    const { params, results } = binaryen.getFunctionInfo(found);
    const args = binaryen.expandType(params).map((type, index) => module.local.get(index, type));
    module.removeFunction(name);
    const call = module.call(`${sdkPath.replace(/sdk\/$/, "compat/")}${ours}`, args, results);
    module.addFunction(name, params, results, [], call);
  }
}
