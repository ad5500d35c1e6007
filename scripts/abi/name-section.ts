import { Cursor, type WasmOutline } from "./wasm-reader.ts";

const FUNCTION_NAMES = 1;

/** The names of a module's functions by index, as Envoy reads them for its backtraces; empty when there are none. */
export function functionNames(outline: WasmOutline): Map<number, string> {
  const names = new Map<number, string>();
  const section = outline.customSections.find(({ name }) => name === "name");
  if (!section) return names;
  const cursor = new Cursor(section.contents, 0, section.contents.length);
  while (!cursor.done) {
    const id = cursor.byte();
    const part = cursor.slice(cursor.leb());
    if (id === FUNCTION_NAMES) part.vector(() => names.set(part.leb(), part.text()));
  }
  return names;
}
