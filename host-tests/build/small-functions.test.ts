import { decodedMappings, encodedMappings, TraceMap } from "@jridgewell/trace-mapping";
import { describe, expect, it } from "vitest";
import { functionBodies } from "../../scripts/abi/code-section.ts";
import { withFewSmall } from "../../scripts/build/small-functions.ts";
import { encodeLeb, joinSections } from "../../scripts/build/wasm-sections.ts";

const [I32_CONST, NOP, DROP, END] = [0x41, 0x01, 0x1a, 0x0b];

// Node has it; the types of Node alone do not say so.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object) => { readonly exports: Record<string, () => number> };
  };
};

/** A module with functions of these sizes, which answer their index, and a map with a line for the first and the last instruction of each. */
function moduleOf(sizes: readonly number[]): { wasm: Uint8Array; sourceMap: string } {
  const code = sizes.map((size, index) => {
    const filler = Array.from({ length: Math.floor((size - 4) / 3) }, () => [I32_CONST, 0, DROP]).flat();
    const rest = Array.from({ length: (size - 4) % 3 }, () => NOP);
    return [...encodeLeb(size), 0, ...filler, ...rest, I32_CONST, index, END];
  });
  const section = (id: number, items: readonly (readonly number[])[]) => ({
    id,
    name: null,
    contents: Uint8Array.of(...encodeLeb(items.length), ...items.flat()),
  });
  const exported = sizes.map((_, index) => [1, 97 + index, 0, index]);
  const wasm = joinSections([
    section(1, [[0x60, 0, 1, 0x7f]]),
    section(
      3,
      sizes.map(() => [0]),
    ),
    section(7, exported),
    section(10, code),
  ]);
  const segments = functionBodies(wasm, 0).flatMap(({ index, start, end }): [number, number, number, number][] => [
    [start + 1, 0, index, 0],
    [end - 3, 0, index, 1],
  ]);
  const map = { version: 3 as const, sources: ["a.ts"], names: [], mappings: [segments] };
  return { wasm, sourceMap: JSON.stringify({ ...map, mappings: encodedMappings(new TraceMap(map)) }) };
}

function sizesOf(wasm: Uint8Array): number[] {
  return functionBodies(wasm, 0).map(({ start, end }) => end - start);
}

describe("small functions", () => {
  it("are a quarter of all at most; the largest of them get the bytes that are missing, and do what they did", () => {
    const padded = withFewSmall(...parts(moduleOf([10, 49, 60, 20, 200, 50, 48, 90]))).wasm;
    expect(sizesOf(padded)).toEqual([10, 50, 60, 20, 200, 50, 50, 90]);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(padded));
    expect(Object.values(exports).map(each => each())).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("keep their lines, and so do those behind them", () => {
    const sizes = [40, 49, 60, 20, 3000, 50, 48, 90];
    const { wasm, sourceMap } = withFewSmall(...parts(moduleOf(sizes)));
    const lines = functionBodies(wasm, 0).flatMap(({ start, index }) => [
      [start + 1, 0, index, 0],
      [start + (sizes[index] as number) - 3, 0, index, 1],
    ]);
    expect(decodedMappings(new TraceMap(sourceMap))).toEqual([lines]);
  });

  it("are left alone where they are few", () => {
    const { wasm, sourceMap } = moduleOf([10, 60, 60, 60]);
    expect(withFewSmall(wasm, sourceMap)).toEqual({ wasm, sourceMap });
  });
});

function parts({ wasm, sourceMap }: { wasm: Uint8Array; sourceMap: string }): [Uint8Array, string] {
  return [wasm, sourceMap];
}
