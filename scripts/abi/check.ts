import { ABI_MARKER, ALLOCATORS, CALLBACKS, MISNAMED_CALLBACKS } from "./callbacks.ts";
import { HOSTCALL_MODULE, HOSTCALLS, WITHDRAWN_HOSTCALLS } from "./hostcalls.ts";
import { functionNames } from "./name-section.ts";
import { formatSignature, type Signature, sameSignature } from "./signature.ts";
import { WASI_CALLS, WASI_MODULES, WASI_SINCE_1_39 } from "./wasi.ts";
import { MalformedWasmError, readWasm, type WasmImport, type WasmOutline } from "./wasm-reader.ts";

/** What can be wrong with a module. Closed: a new problem gets a new member. */
export type ProblemCode =
  | "malformed"
  | "abi-version"
  | "allocator-missing"
  | "memory-missing"
  | "import-unknown"
  | "import-signature"
  | "export-unknown"
  | "export-signature"
  | "start-section"
  | "names-missing"
  | "size";

/** One reason why Envoy would refuse the module, or run it worse than it could. */
export interface Problem {
  readonly code: ProblemCode;
  /** Where, what and the next step, in one sentence. */
  readonly message: string;
}

export interface CheckOptions {
  /** How the messages call the module, usually its path. */
  readonly name: string;
  /** The largest accepted size in bytes. */
  readonly maxSize?: number;
}

/** A ConfigMap, the plainest way to bring a module to a sidecar, holds at most 1 MiB. */
export const DEFAULT_MAX_SIZE = 1_048_576;

/** Checks a module against what Envoy offers and calls; the list is empty when all is well. */
export function checkModule(bytes: Uint8Array, options: CheckOptions): Problem[] {
  const problem = (code: ProblemCode, text: string): Problem => ({ code, message: `abi-check: ${options.name} ${text}` });
  let outline: WasmOutline;
  let names: ReadonlyMap<number, string>;
  try {
    outline = readWasm(bytes);
    names = functionNames(outline);
  } catch (error) {
    if (!(error instanceof MalformedWasmError)) throw error;
    return [problem("malformed", `is no WebAssembly module: ${error.message}; give a .wasm file that a compiler wrote`)];
  }
  const problems = [...checkAbiVersion(outline, problem), ...checkExports(outline, problem), ...checkImports(outline, problem)];
  if (outline.hasStart) {
    problems.push(problem("start-section", "has a start section, and Envoy crashes on it; build with --exportStart _initialize"));
  }
  if (names.size === 0) {
    problems.push(problem("names-missing", "has no name section, and without it Envoy prints no backtrace; do not strip debug names"));
  }
  const limit = options.maxSize ?? DEFAULT_MAX_SIZE;
  if (bytes.length > limit) {
    problems.push(problem("size", `has ${bytes.length} bytes, ${limit} are allowed; build without --debug or raise --max-size`));
  }
  return problems;
}

type MakeProblem = (code: ProblemCode, text: string) => Problem;

function checkAbiVersion(outline: WasmOutline, problem: MakeProblem): Problem[] {
  const markers = outline.exports.filter(({ name }) => name.startsWith("proxy_abi_version_")).map(({ name }) => name);
  if (markers.length === 1 && markers[0] === ABI_MARKER) return [];
  const found = markers.length === 0 ? "exports no ABI version" : `exports ${markers.join(" and ")}`;
  return [problem("abi-version", `${found}; export ${ABI_MARKER} and no other version`)];
}

function checkExports(outline: WasmOutline, problem: MakeProblem): Problem[] {
  const problems: Problem[] = [];
  const names = new Set(outline.exports.map(({ name }) => name));
  if (!ALLOCATORS.some(name => names.has(name))) {
    problems.push(problem("allocator-missing", `exports neither ${ALLOCATORS.join(" nor ")}; Envoy needs one to hand over bytes`));
  }
  if (!outline.exports.some(({ kind }) => kind === "memory")) {
    problems.push(problem("memory-missing", 'exports no memory; build without --noExportMemory, so that it is exported as "memory"'));
  }
  for (const { name, kind, signature } of outline.exports) {
    const expected = CALLBACKS.get(name);
    if (expected && !(signature && sameSignature(signature, expected))) {
      const found = signature ? formatSignature(signature) : `a ${kind}`;
      problems.push(problem("export-signature", `exports ${name} as ${found}; Envoy calls it as ${formatSignature(expected)}`));
    } else if (!expected && name.startsWith("proxy_on_")) {
      const right = MISNAMED_CALLBACKS.get(name);
      problems.push(problem("export-unknown", `exports ${name}, which Envoy never calls; ${right ? `the name is ${right}` : "remove it"}`));
    }
  }
  return problems;
}

function checkImports(outline: WasmOutline, problem: MakeProblem): Problem[] {
  return outline.imports.flatMap(entry => {
    const expected = providedSignature(entry);
    if (!expected) return [problem("import-unknown", `imports ${entry.module}.${entry.name}, ${importAdvice(entry)}`)];
    if (entry.signature && sameSignature(entry.signature, expected)) return [];
    const found = entry.signature ? formatSignature(entry.signature) : `a ${entry.kind}`;
    const text = `imports ${entry.module}.${entry.name} as ${found}; Envoy provides ${formatSignature(expected)}`;
    return [problem("import-signature", text)];
  });
}

/** The signature under which Envoy provides an import, or undefined when it does not. */
export function providedSignature(entry: Pick<WasmImport, "module" | "name">): Signature | undefined {
  if (entry.module === HOSTCALL_MODULE) return HOSTCALLS.get(entry.name);
  if (WASI_MODULES.includes(entry.module)) return WASI_CALLS.get(entry.name);
  return undefined;
}

/** Why an import that Envoy lacks is lacking, and what to do. */
function importAdvice({ module, name }: WasmImport): string {
  if (module === HOSTCALL_MODULE) {
    const withdrawn = WITHDRAWN_HOSTCALLS.get(name);
    if (withdrawn) return `which Envoy withdrew from ABI 0.2; ${withdrawn}`;
    if (name === "abort") return "which Envoy lacks; build with --use abort=<the SDK's abort>, as meshwright build does";
  }
  if (WASI_MODULES.includes(module) && WASI_SINCE_1_39.has(name)) return "which Envoy lacks before 1.39; do without it";
  return "which Envoy lacks; build with meshwright build, which names the line that brings it";
}
