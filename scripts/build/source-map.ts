import { createHash } from "node:crypto";
import { functionBodies } from "../abi/code-section.ts";
import { functionNames } from "../abi/name-section.ts";
import { readWasm } from "../abi/wasm-reader.ts";
import type { Step } from "./step.ts";

/** What a source map of ours tells beyond the standard; `meshwright symbolize` reads it. */
export interface MapExtension {
  /** The module that the offsets belong to, and no other. */
  readonly module: { readonly name: string; readonly version: string; readonly sha256: string };
  /** The functions of the module: start, end, and the place of its name in the map's `names`. */
  readonly functions: readonly (readonly [start: number, end: number, name: number])[];
  /** Calls of the program before optimisation: names of caller and callee; source, line and column from 0, where there is a location. */
  readonly calls: readonly (readonly number[])[];
}

/** The name of the extension in the map; fields of other parties begin with `x_`. */
export const EXTENSION = "x_meshwright";

interface SourceMap {
  readonly sources: readonly string[];
  readonly names: readonly string[];
}

/** Writes into the map which module it belongs to, and what it takes to find a way through inlined functions. */
export const sourceMap: Step = {
  name: "source-map",
  async run(artifact, { entry, fileName }) {
    const map = JSON.parse(artifact.sourceMap) as SourceMap;
    const inside = !entry.sdkPath.startsWith("~lib/");
    const { names, indexOf } = growing(map.names);
    const extension: MapExtension = {
      module: {
        name: entry.name,
        version: entry.project.version,
        sha256: createHash("sha256").update(artifact.wasm).digest("hex"),
      },
      functions: namedBodies(artifact.wasm).map(({ start, end, name }) => [start, end, indexOf(name)] as const),
      calls: (artifact.calls ?? []).map(({ caller, callee, at }) => {
        const names = [indexOf(caller), indexOf(callee)];
        return at ? [...names, at.source, at.line, at.column] : names;
      }),
    };
    const sources = map.sources.map(path => published(path, inside));
    return { ...artifact, sourceMap: JSON.stringify({ ...map, file: fileName, sourceRoot: "", sources, names, [EXTENSION]: extension }) };
  },
};

/** The SDK by the path by which one imports it, wherever it was compiled from. */
function published(path: string, inside: boolean): string {
  return inside ? path.replace(/^assembly\//, "meshwright/assembly/") : path.replace(/^~lib\/meshwright\//, "meshwright/");
}

function namedBodies(wasm: Uint8Array): { start: number; end: number; name: string }[] {
  const outline = readWasm(wasm);
  const names = functionNames(outline);
  const imported = outline.imports.filter(({ kind }) => kind === "function").length;
  return functionBodies(wasm, imported).map(({ index, start, end }) => ({ start, end, name: names.get(index) ?? "" }));
}

function growing(known: readonly string[]): { names: string[]; indexOf: (name: string) => number } {
  const names = [...known];
  const places = new Map(names.map((name, index) => [name, index]));
  const indexOf = (name: string): number => {
    const place = places.get(name) ?? names.push(name) - 1;
    places.set(name, place);
    return place;
  };
  return { names, indexOf };
}
