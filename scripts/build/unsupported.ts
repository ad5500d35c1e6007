import { findUserCall } from "./call-sites.ts";
import { functionNames, type Module } from "./module.ts";
import type { Usage } from "./usage.ts";

/** What the standard library makes `process.env` of. */
const PROCESS_ENV = "~lib/process/lazyEnv";
const REGEXP = "~lib/regexp/RegExp#constructor";
const NO_REGEXP =
  "new RegExp() aborts when it is reached: AssemblyScript has no regular expressions; look with indexOf, startsWith, split or substring";
const NO_PROCESS = 'process.env is empty in Envoy; read a variable with Environment.get("NAME") in onConfigure';

/** What compiles and does nothing, or aborts when it is reached; asc says nothing of it. */
export function findUnsupported(module: Module, usage: Usage | null): string[] {
  const names = functionNames(module);
  const warnings: string[] = [];
  if (names.includes(REGEXP)) {
    const site = findUserCall(module.emitText(), REGEXP, usage?.sdkPath ?? null);
    warnings.push(`${site ? `${site.file}:${site.line}:${site.column}` : "build"}: ${NO_REGEXP}`);
  }
  // Compat has one of its own.
  if (usage && names.includes(PROCESS_ENV)) warnings.push(`build: ${NO_PROCESS}`);
  return warnings;
}
