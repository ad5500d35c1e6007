import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ALLOCATORS, CALLBACKS } from "../../scripts/abi/callbacks.ts";
import { HOSTCALL_MODULE, HOSTCALLS } from "../../scripts/abi/hostcalls.ts";
import { formatSignature, parseSignature, type Signature, sameSignature } from "../../scripts/abi/signature.ts";
import { WASI_CALLS, WASI_MODULES } from "../../scripts/abi/wasi.ts";
import { MalformedWasmError, readWasm, type WasmImport, type WasmOutline } from "../../scripts/abi/wasm-reader.ts";
import { compileModule, isCompileError, type WasmModule } from "./engine.ts";
import { gap, HostRefusal } from "./refusal.ts";
import type { EnvoyDifferences } from "./versions.ts";
import { WASI_SINCE_1_39_SIGNATURES } from "./wasi-signatures.ts";

/** A module that Envoy would load: compiled once for each content, however many VMs run it. */
export interface LoadedModule {
  readonly compiled: WasmModule;
  readonly outline: WasmOutline;
  /** Of its content; part of the key by which VMs are shared. */
  readonly digest: string;
  /** "0.2.0" or "0.2.1". */
  readonly abiVersion: string;
}

const compiled = new Map<string, Omit<LoadedModule, "abiVersion">>();

/** Functions that cpp-host offers besides the ABI, for what Emscripten makes. */
const EXTRA: ReadonlyMap<string, Signature> = new Map([
  ["pthread_equal", parseSignature("ww:w")],
  ["emscripten_notify_memory_growth", parseSignature("w:")],
]);

/** Reads, compiles and checks a module as Envoy `version` does when it loads it. */
export function loadModule(wasm: string | Uint8Array, envoy: EnvoyDifferences): LoadedModule {
  const bytes = typeof wasm === "string" ? readFileSync(wasm) : wasm;
  const name = typeof wasm === "string" ? wasm : `a module of ${bytes.length} bytes`;
  const digest = createHash("sha256").update(bytes).digest("hex");
  let entry = compiled.get(digest);
  if (!entry) {
    entry = { ...compile(bytes, name), digest };
    compiled.set(digest, entry);
  }
  const { outline } = entry;
  const abiVersion = versionOf(outline, name);
  if (outline.hasStart) throw refused(name, "has a start section, and Envoy crashes on it; build with --exportStart _initialize");
  for (const each of outline.imports) checkImport(each, name, abiVersion, envoy);
  checkExports(outline, name);
  return { ...entry, abiVersion };
}

function compile(bytes: Uint8Array, name: string): { compiled: WasmModule; outline: WasmOutline } {
  try {
    return { outline: readWasm(bytes), compiled: compileModule(bytes) };
  } catch (error) {
    if (!(error instanceof MalformedWasmError) && !isCompileError(error)) throw error;
    throw refused(name, `is no WebAssembly module: ${error.message}`);
  }
}

function versionOf(outline: WasmOutline, name: string): string {
  for (const [marker, version] of [
    ["proxy_abi_version_0_2_1", "0.2.1"],
    ["proxy_abi_version_0_2_0", "0.2.0"],
  ] as const) {
    if (outline.exports.some(each => each.name === marker)) return version;
  }
  if (outline.exports.some(each => each.name === "proxy_abi_version_0_1_0")) throw gap("modules of ABI 0.1.0");
  throw refused(name, "Missing or unknown Proxy-Wasm ABI version; export proxy_abi_version_0_2_1");
}

function checkImport({ module, name, kind, signature }: WasmImport, file: string, abi: string, envoy: EnvoyDifferences): void {
  const expected = providedBy(module, name, abi, envoy);
  if (!expected) {
    if (module === HOSTCALL_MODULE && name === "envoy_resolve_dns") throw gap("env.envoy_resolve_dns");
    throw refused(file, `Failed to load Wasm module due to a missing import: ${module}.${name}`);
  }
  if (signature && sameSignature(signature, expected)) return;
  const found = signature ? formatSignature(signature) : `a ${kind}`;
  const want = `but host exports: ${formatSignature(expected)}`;
  throw refused(file, `Failed to load Wasm module due to an import type mismatch for function ${module}.${name}, want: ${found}, ${want}`);
}

function providedBy(module: string, name: string, abi: string, envoy: EnvoyDifferences): Signature | undefined {
  if (WASI_MODULES.includes(module)) {
    return envoy.wasi.has(name) ? (WASI_CALLS.get(name) ?? WASI_SINCE_1_39_SIGNATURES.get(name)) : undefined;
  }
  if (module !== HOSTCALL_MODULE) return undefined;
  if (name === "proxy_get_log_level" && abi === "0.2.0") return undefined;
  return HOSTCALLS.get(name) ?? EXTRA.get(name);
}

function checkExports(outline: WasmOutline, file: string): void {
  const exported = new Map(outline.exports.map(each => [each.name, each]));
  if (!ALLOCATORS.some(name => exported.has(name))) throw refused(file, "Wasm module is missing malloc function.");
  if (exported.get("memory")?.kind !== "memory") throw refused(file, 'exports no memory called "memory"');
  for (const [name, expected] of CALLBACKS) {
    const found = exported.get(name);
    if (!found || name.startsWith("proxy_abi_version_")) continue;
    if (found.signature && sameSignature(found.signature, expected)) continue;
    const is = found.signature ? formatSignature(found.signature) : `a ${found.kind}`;
    throw refused(file, `Bad function signature for: ${name}, want: ${formatSignature(expected)}, but the module exports: ${is}`);
  }
}

function refused(file: string, why: string): HostRefusal {
  return new HostRefusal("module", `host: ${file} is refused as Envoy refuses it: ${why}`);
}
