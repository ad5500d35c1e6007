import binaryen from "assemblyscript/binaryen";
import { functions, type Module } from "../module.ts";
import type { Usage } from "../usage.ts";

/** What the standard library does character by character, and the function of assembly/compat/text-search.ts that stands in for it. */
const FASTER: readonly (readonly [library: string, own: string, parameters: number])[] = [
  ["~lib/string/String#indexOf", "findText", 3],
  ["~lib/util/string/compareImpl", "compareTexts", 5],
];

/** Has texts found and compared by compat; all of the library that looks for texts, `split`, `includes` and `replace` too, calls these two. */
export function searchFaster(module: Module, { sdkPath }: Usage): void {
  for (const [library, own, parameters] of FASTER) {
    const found = module.getFunction(library);
    if (!found) continue;
    const given = Array.from({ length: parameters }, (_, index) => module.local.get(index, binaryen.i32));
    functions.setBody(found, module.call(`${sdkPath.replace(/sdk\/$/, "compat/text-search/")}${own}`, given, binaryen.i32));
  }
}
