import { findUserCall } from "./call-sites.ts";
import { functionNames, type Module } from "./module.ts";

const REGEXP = "~lib/regexp/RegExp#constructor";

/** What compiles and does nothing but abort when it is reached; asc says nothing of it. */
export function findUnsupported(module: Module, sdkPath: string | null): string[] {
  if (!functionNames(module).includes(REGEXP)) return [];
  const site = findUserCall(module.emitText(), REGEXP, sdkPath);
  const where = site ? `${site.file}:${site.line}:${site.column}` : "build";
  return [`${where}: new RegExp() aborts when it is reached: AssemblyScript has no regular expressions; look with indexOf, startsWith, split or substring`]; // biome-ignore format: one sentence
}
