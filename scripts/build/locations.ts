import { encodedMappings, type SourceMapSegment, TraceMap } from "@jridgewell/trace-mapping";
import { functionBodies } from "../abi/code-section.ts";
import { functionNames } from "../abi/name-section.ts";
import { readWasm } from "../abi/wasm-reader.ts";
import { type Call, Scopes } from "./scopes.ts";
import { staticStrings } from "./static-strings.ts";
import type { Artifact, Step } from "./step.ts";
import { walkLocations } from "./walk-locations.ts";

/** What the build needs of a source map, its mappings decoded or not. */
interface SourceMap {
  readonly sources: string[];
  readonly mappings: string;
}

/**
 * Completes the compiler's source map before the optimiser works with it, so that a backtrace leads to a line wherever the trap is.
 *
 * asc leaves gaps: the call to abort, of all things, has no location. And a location alone does not tell whose it is once the optimiser has put
 * functions into one another. So each location gets the name of its function, which the optimiser carries along, and the calls between
 * functions are noted. From both, `meshwright symbolize` finds the way from the function that Envoy names to the line of the trap.
 */
export const locations: Step = {
  name: "locations",
  run: async (artifact, { entry }) => completeLocations(artifact, `${entry.sdkPath}/abort/abort`),
};

/** `abort` is the name of the function that a trap calls with file, line and column. */
export function completeLocations(artifact: Artifact, abort: string): Artifact {
  const { wasm } = artifact;
  const map = JSON.parse(artifact.sourceMap) as SourceMap;
  const outline = readWasm(wasm);
  const imported = outline.imports.filter(({ kind }) => kind === "function").length;
  const functions = functionNames(outline);
  const scopes = new Scopes(map.sources);
  const textAt = staticStrings(wasm);
  const context = {
    wasm,
    segments: new TraceMap({ ...map, version: 3, names: [] }),
    nameOf: (index: number): string | null => (index < imported ? null : (functions.get(index) ?? null)),
    isAbort: (index: number): boolean => functions.get(index) === abort,
    sourceAt: (pointer: number): number => map.sources.indexOf(textAt(pointer) ?? ""),
  };
  const segments: SourceMapSegment[] = [];
  const calls: Call[] = [];
  for (const body of functionBodies(wasm, imported)) {
    const name = functions.get(body.index);
    // What is between functions, and functions that asc made without a name, belong to nobody.
    if (name === undefined) segments.push([body.start]);
    else walkLocations(context, body, scopes.function(name), scopes, segments, calls);
  }
  const complete = { ...map, version: 3 as const, names: scopes.names, mappings: [segments] };
  const sourceMap = JSON.stringify({ ...complete, mappings: encodedMappings(new TraceMap(complete)) });
  return { ...artifact, sourceMap, calls };
}
