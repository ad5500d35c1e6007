import { HOSTCALL_MODULE, HOSTCALLS } from "../abi/hostcalls.ts";
import { WASI_CALLS, WASI_MODULES } from "../abi/wasi.ts";
import { type CallSite, findUserCall } from "./call-sites.ts";
import { BuildError } from "./errors.ts";

/** An imported function of a module under construction. */
export interface ModuleImport {
  /** The function's name inside the module. */
  readonly internalName: string;
  readonly module: string;
  readonly name: string;
}

/** What brings an import into a program, and what a filter uses instead. */
const REPLACEMENTS: ReadonlyMap<string, { readonly source: string; readonly instead: string }> = new Map([
  ["env.abort", { source: "abort()", instead: "build with meshwright build, which uses the SDK's abort" }],
  ["env.seed", { source: "Math.random()", instead: "use random() from the SDK" }],
  ["env.trace", { source: "trace()", instead: "use log.info() from the SDK" }],
  ["env.Date.now", { source: "Date.now()", instead: "use Clock.now() from the SDK" }],
  ["env.performance.now", { source: "performance.now()", instead: "use Clock.now() from the SDK" }],
  ["env.process.exit", { source: "process.exit()", instead: "throw an Error" }],
]);
const CONSOLE = "use log.info() and its siblings from the SDK";
const UNKNOWN = "do without it; a filter may import only what Envoy provides";

/** Whether Envoy provides an import; signatures are checked on the finished module. */
export function isProvided({ module, name }: Pick<ModuleImport, "module" | "name">): boolean {
  return module === HOSTCALL_MODULE ? HOSTCALLS.has(name) : WASI_MODULES.includes(module) && WASI_CALLS.has(name);
}

/**
 * Refuses imports that Envoy lacks, naming the line of the user's code that brings each.
 *
 * Envoy itself would only say "Failed to load Wasm module due to a missing import".
 * `text` gives the module in the text format with source locations; it is asked for only when there is something to refuse.
 */
export function refuseUnknownImports(imports: readonly ModuleImport[], sdkPath: string | null, text: () => string): void {
  const unknown = imports.filter(entry => !isProvided(entry));
  if (unknown.length === 0) return;
  const wat = text();
  const lines = unknown.map(entry => describe(entry, findUserCall(wat, entry.internalName, sdkPath)));
  throw new BuildError("import-unknown", lines.join("\n"));
}

function describe({ module, name }: ModuleImport, site: CallSite | null): string {
  const instead = module === HOSTCALL_MODULE && name.startsWith("console.") ? CONSOLE : UNKNOWN;
  const known = REPLACEMENTS.get(`${module}.${name}`) ?? { source: `${name}()`, instead };
  const where = site ? `${site.file}:${site.line}:${site.column}` : "build";
  return `${where}: ${known.source} imports ${module}.${name}, which Envoy lacks; ${known.instead}`;
}
