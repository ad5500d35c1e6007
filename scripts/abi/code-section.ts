import { Cursor } from "./wasm-reader.ts";

const HEADER_SIZE = 8;
const CODE = 10;

/** Where a function's code lies in the module: offsets from the first byte of the file, as in Envoy's backtraces and in source maps. */
export interface FunctionBody {
  /** The function's index; imported functions, which have no code, come first. */
  readonly index: number;
  /** Of the declaration of its locals, which the code follows. */
  readonly start: number;
  readonly end: number;
}

/** The functions of a module in the order of their code; `imported` is the number of imported ones. */
export function functionBodies(bytes: Uint8Array, imported: number): FunctionBody[] {
  const bodies: FunctionBody[] = [];
  const cursor = new Cursor(bytes, HEADER_SIZE, bytes.length);
  while (!cursor.done) {
    const id = cursor.byte();
    const section = cursor.slice(cursor.leb());
    if (id !== CODE) continue;
    section.vector(() => {
      const size = section.leb();
      const start = section.offset;
      section.slice(size);
      bodies.push({ index: imported + bodies.length, start, end: start + size });
    });
  }
  return bodies;
}

/** The body whose code holds an offset, by halving; null outside of all. */
export function bodyAt<T extends { readonly start: number; readonly end: number }>(bodies: readonly T[], offset: number): T | null {
  let [low, high] = [0, bodies.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bodies[middle] as T).end <= offset) low = middle + 1;
    else high = middle;
  }
  const found = bodies[low];
  return found && found.start <= offset ? found : null;
}
