export { ABI_MARKER, ALLOCATORS, CALLBACKS, type CallbackName } from "./callbacks.ts";
export { type CheckOptions, checkModule, DEFAULT_MAX_SIZE, type Problem, type ProblemCode, providedSignature } from "./check.ts";
export { bodyAt, type FunctionBody, functionBodies } from "./code-section.ts";
export { FOREIGN_FUNCTIONS } from "./foreign-functions.ts";
export { HOSTCALL_MODULE, HOSTCALLS, type HostcallName } from "./hostcalls.ts";
export { functionNames } from "./name-section.ts";
export { formatSignature, parseSignature, type Signature, sameSignature, type ValueType } from "./signature.ts";
export { WASI_CALLS, WASI_MODULES } from "./wasi.ts";
export { isWasm, MalformedWasmError, readWasm, type WasmExport, type WasmImport, type WasmOutline, whyNoModule } from "./wasm-reader.ts";
