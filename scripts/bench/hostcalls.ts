import { readFile } from "node:fs/promises";
import { ALLOCATORS } from "../abi/index.ts";
import { splitSections } from "../build/index.ts";
import type { WasmFilterSpec } from "../envoy-config/index.ts";
import { emulate } from "./emulator.ts";
import { parseRequest } from "./traffic.ts";

/** What one request crosses between host and module. */
export interface Crossings {
  /** The module calls the host. */
  readonly hostcalls: number;
  /** The host calls the module for memory: what is dear about a value that it returns. */
  readonly allocations: number;
  /** The host calls the module for anything else. */
  readonly callbacks: number;
}

/** Requests before the one that is counted: a filter may read in another way what the last ones showed. */
const WARM_UP = 20;
/** All requests come over one connection, as those of which instructions are counted. */
const CONNECTION = { id: 1n };

/** Counts on the emulator, which crosses as Envoy does. */
export function countCrossings(filter: WasmFilterSpec, requests: readonly string[]): Crossings[] {
  const host = emulate(filter);
  return requests.map(text => {
    const request = { ...parseRequest(text), connection: CONNECTION };
    for (let i = 0; i < WARM_UP; i++) host.request(request);
    host.trace.clear();
    host.request(request);
    const { crossings } = host.trace;
    const callbacks = crossings.filter(({ kind }) => kind === "callback").map(({ name }) => name);
    const allocations = callbacks.filter(name => ALLOCATORS.includes(name)).length;
    return { hostcalls: crossings.length - callbacks.length, allocations, callbacks: callbacks.length - allocations };
  });
}

/** What a module weighs. */
export interface ModuleSize {
  readonly bytes: number;
  /** Without custom sections, such as the names of functions: what is instantiated. */
  readonly withoutCustom: number;
}

export async function sizeOf(file: string): Promise<ModuleSize> {
  const wasm = await readFile(file);
  const custom = splitSections(wasm).filter(({ name }) => name !== null);
  // A custom section's own header is a few bytes, too few to matter.
  const size = custom.reduce((sum, { name, contents }) => sum + contents.length + (name ?? "").length, 0);
  return { bytes: wasm.length, withoutCustom: wasm.length - size };
}
