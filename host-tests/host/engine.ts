/**
 * Node's WebAssembly, typed as far as it is used here: TypeScript declares it only in the library for browsers.
 */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
export type WasmModule = object;
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}
export type WasmImports = Record<string, Record<string, (...args: (number | bigint)[]) => number | undefined>>;

interface Engine {
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance;
  RuntimeError: new (message: string) => Error;
  CompileError: new (message: string) => Error;
}

const { WebAssembly: engine } = globalThis as unknown as { WebAssembly: Engine };

export const compileModule = (bytes: Uint8Array): WasmModule => new engine.Module(bytes);
export const instantiate = (module: WasmModule, imports: WasmImports): WasmInstance => new engine.Instance(module, imports);
/** A trap, as the engine would raise it. */
export const trap = (message: string): Error => new engine.RuntimeError(message);
export const isCompileError = (error: unknown): error is Error => error instanceof engine.CompileError;
