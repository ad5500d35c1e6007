import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { functionNames, readWasm } from "../../scripts/abi/index.ts";
import { dataSegments, packStaticData } from "../../scripts/build/index.ts";
import { buildInto, fixture, temporaryFolder } from "./fixtures.ts";

// Node has it; the declarations that fit Node 20 have only its types.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object, imports: object) => { exports: { memory: { buffer: ArrayBuffer }; [name: string]: unknown } };
  };
};

const folder = temporaryFolder();

/** What the fixture has: short, beyond a byte a character, longer than a packed string can be, and numbers. */
const TEXTS = ["short", "a name: Zoë", "beyond a byte: Łódź", `long: ${"0123456789".repeat(13)}`];
const NUMBERS = [1, 0, 0, 0, 0x01020304, 0, -1];

describe("packed static data", () => {
  it("is in memory what the compiler laid out, once the module has started", async () => {
    const debug = readFileSync((await buildInto(folder, fixture("constants"))).wasmFile);
    const packed = packStaticData(debug);
    const memory = startedMemory(packed);
    const found = dataSegments(debug).filter(({ at, data }) => Buffer.from(memory.subarray(at, at + data.length)).equals(data));
    const kept = found.map(({ data }) => Buffer.from(data).toString("utf16le"));
    for (const text of TEXTS) expect(kept.some(each => each.includes(text))).toBe(true);
    const numbers = Buffer.from(Int32Array.from(NUMBERS).buffer);
    expect(found.some(({ data }) => Buffer.from(data).includes(numbers))).toBe(true);
    expect(sizeOf(packed)).toBeLessThan(sizeOf(debug) / 2);
  });

  it("leaves out constants of code that is gone", async () => {
    const { wasmFile } = await buildInto(folder, fixture("constants"), { debug: false, outFile: join(folder, "small.wasm") });
    const text = readFileSync(wasmFile, "latin1");
    expect(text).toContain("a name: Zoë");
    // Of the callback for answers to calls, which the fixture does not make.
    expect(text).not.toContain("x-envoy-upstream-service-time");
  });

  it("leaves a module alone that does not unpack", () => {
    const empty = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    expect(packStaticData(empty)).toEqual(empty);
  });
});

function sizeOf(wasm: Uint8Array): number {
  return dataSegments(wasm).reduce((size, { data }) => size + data.length, 0);
}

/** The memory of a module behind `_initialize`; every hostcall answers 0. */
function startedMemory(wasm: Uint8Array): Uint8Array {
  const { imports } = readWasm(wasm);
  const hostcalls: Record<string, Record<string, () => number>> = {};
  for (const { module, name } of imports) {
    hostcalls[module] ??= {};
    hostcalls[module][name] = () => 0;
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), hostcalls);
  (exports._initialize as () => void)();
  expect([...functionNames(readWasm(wasm)).values()].some(name => name.endsWith("unpackStaticData"))).toBe(true);
  return new Uint8Array(exports.memory.buffer);
}
