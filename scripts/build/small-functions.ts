import { decodedMappings, encodedMappings, type SourceMapSegment, TraceMap } from "@jridgewell/trace-mapping";
import { functionBodies } from "../abi/code-section.ts";
import { readWasm } from "../abi/wasm-reader.ts";
import type { Step } from "./step.ts";
import { encodeLeb, joinSections, splitSections } from "./wasm-sections.ts";

const CODE = 10;
const NOP = 0x01;
/** V8 calls a function small whose code has fewer bytes. */
const SMALL = 50;
/** With at most this part of small functions, V8 takes it that the module's functions have been put into one another already. */
const FEW = 0.25;

/**
 * Makes small functions a few bytes larger, with instructions that do nothing, until they are few.
 *
 * Envoy has V8 compile all of a module with its optimising compiler when it is loaded. V8 then puts functions into their callers, up to five
 * times the caller's size where many functions are small, and up to two times where few are. wasm-opt has done it where it pays, so the
 * rest is time at Envoy's start: measured, a quarter of what a filter of the pack takes. The largest of the small ones need the fewest bytes.
 */
export const smallFunctions: Step = {
  name: "small-functions",
  async run(artifact, job) {
    // Filters of other SDKs handle text on the path of every request, and are faster with all that V8 does.
    return job.debug || artifact.compat ? artifact : { ...artifact, ...withFewSmall(artifact.wasm, artifact.sourceMap) };
  },
};

/** The module and its source map after that. */
export function withFewSmall(wasm: Uint8Array, sourceMap: string): { wasm: Uint8Array; sourceMap: string } {
  const imported = readWasm(wasm).imports.filter(({ kind }) => kind === "function").length;
  const bodies = functionBodies(wasm, imported);
  const small = bodies.filter(({ start, end }) => end - start < SMALL).sort((a, b) => b.end - b.start - (a.end - a.start));
  const padded = new Set(small.slice(0, Math.max(0, small.length - Math.floor(bodies.length * FEW))));
  const parts: Uint8Array[] = [Uint8Array.from(encodeLeb(bodies.length))];
  const moved: { end: number; by: number }[] = [];
  let size = 0;
  for (const body of bodies) {
    const code = wasm.subarray(body.start, body.end - 1);
    const nops = new Uint8Array(padded.has(body) ? SMALL - (body.end - body.start) : 0).fill(NOP);
    parts.push(Uint8Array.from(encodeLeb(code.length + nops.length + 1)), code, nops, wasm.subarray(body.end - 1, body.end));
    // Its instructions stay where they are, before its end; what moves are the functions behind it.
    moved.push({ end: body.end, by: size });
    size += nops.length;
  }
  if (size === 0) return { wasm, sourceMap };
  const contents = Buffer.concat(parts);
  const sections = splitSections(wasm).map(section => (section.id === CODE ? { ...section, contents } : section));
  // The section's own length may take a byte more.
  const before = encodeLeb(codeSize(wasm)).length;
  const shift = encodeLeb(contents.length).length - before;
  const map = JSON.parse(sourceMap);
  let at = 0;
  const segments = decodedMappings(new TraceMap(map)).flatMap(line =>
    line.map(([column, ...rest]): SourceMapSegment => {
      while (at < moved.length - 1 && (moved[at] as { end: number }).end <= column) at++;
      return [column + shift + (moved[at] as { by: number }).by, ...rest] as SourceMapSegment;
    }),
  );
  const mappings = encodedMappings(new TraceMap({ ...map, mappings: [segments] }));
  return { wasm: joinSections(sections), sourceMap: JSON.stringify({ ...map, mappings }) };
}

function codeSize(wasm: Uint8Array): number {
  return splitSections(wasm).find(({ id }) => id === CODE)?.contents.length ?? 0;
}
