import { Cursor } from "../abi/wasm-reader.ts";
import type { Step } from "./step.ts";
import { encodeLeb, joinSections, splitSections } from "./wasm-sections.ts";

/** Parts of the name section: 0 names the module, 1 its functions; locals, globals and the rest come after. */
const LAST_KEPT_PART = 1;

/** Keeps function names, which Envoy prints in backtraces, and drops the names of locals, which nobody reads. */
export const names: Step = {
  name: "names",
  async run(artifact, job) {
    return job.debug ? artifact : { ...artifact, wasm: keepFunctionNames(artifact.wasm) };
  },
};

/** The name section follows the code, so offsets in the source map stay right. */
export function keepFunctionNames(wasm: Uint8Array): Uint8Array {
  const sections = splitSections(wasm).map(section =>
    section.id === 0 && section.name === "name" ? { ...section, contents: trim(section.contents) } : section,
  );
  return joinSections(sections);
}

function trim(contents: Uint8Array): Uint8Array {
  const cursor = new Cursor(contents, 0, contents.length);
  const parts: Uint8Array[] = [];
  while (!cursor.done) {
    const id = cursor.byte();
    const part = cursor.slice(cursor.leb()).rest();
    if (id <= LAST_KEPT_PART) parts.push(Uint8Array.of(id, ...encodeLeb(part.length)), part);
  }
  return Buffer.concat(parts);
}
