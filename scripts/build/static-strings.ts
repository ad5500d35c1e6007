import { Cursor } from "../abi/wasm-reader.ts";

const HEADER_SIZE = 8;
const DATA = 11;
const I32_CONST = 0x41;

/** Reads texts that asc has laid out in a module's memory: UTF-16, the size in bytes in the word before them. */
export function staticStrings(bytes: Uint8Array): (pointer: number) => string | null {
  const segments = dataSegments(bytes);
  return pointer => {
    const segment = segments.find(({ at, data }) => pointer - 4 >= at && pointer <= at + data.length);
    if (!segment) return null;
    const view = new DataView(segment.data.buffer, segment.data.byteOffset, segment.data.byteLength);
    const start = pointer - segment.at;
    const size = view.getUint32(start - 4, true);
    return start + size <= segment.data.length ? new TextDecoder("utf-16le").decode(segment.data.subarray(start, start + size)) : null;
  };
}

/** A run of bytes that a module's memory begins with. */
export interface Segment {
  readonly at: number;
  readonly data: Uint8Array;
}

/** The segments with a constant place in memory; asc makes no others. */
export function dataSegments(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  const cursor = new Cursor(bytes, HEADER_SIZE, bytes.length);
  while (!cursor.done) {
    const id = cursor.byte();
    const section = cursor.slice(cursor.leb());
    if (id !== DATA) continue;
    section.vector(() => {
      const mode = section.leb();
      if (mode === 2) section.leb();
      if (mode !== 1 && section.byte() !== I32_CONST) throw new Error("a data segment whose place is no constant");
      const at = mode === 1 ? -1 : section.leb();
      if (mode !== 1) section.byte(); // end
      const data = section.slice(section.leb()).rest();
      if (at >= 0) segments.push({ at, data });
    });
  }
  return segments;
}
