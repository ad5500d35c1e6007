import { Cursor } from "../abi/wasm-reader.ts";

const HEADER_SIZE = 8;
const CUSTOM = 0;

/** A section as it stands in the file; `name` is set for custom sections. */
export interface RawSection {
  readonly id: number;
  readonly name: string | null;
  /** Without id and length, and for a custom section without its name. */
  readonly contents: Uint8Array;
}

/** Splits a module into its sections; `joinSections` is the inverse. */
export function splitSections(wasm: Uint8Array): RawSection[] {
  const sections: RawSection[] = [];
  const cursor = new Cursor(wasm, HEADER_SIZE, wasm.length);
  while (!cursor.done) {
    const id = cursor.byte();
    const body = cursor.slice(cursor.leb());
    const name = id === CUSTOM ? body.text() : null;
    sections.push({ id, name, contents: body.rest() });
  }
  return sections;
}

/** Writes the header and the sections in the given order. */
export function joinSections(sections: readonly RawSection[]): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0)];
  for (const { id, name, contents } of sections) {
    const prefix = name === null ? new Uint8Array() : encodeText(name);
    parts.push(Uint8Array.of(id, ...encodeLeb(prefix.length + contents.length)), prefix, contents);
  }
  return Buffer.concat(parts);
}

/** An unsigned number in LEB128. */
export function encodeLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

function encodeText(text: string): Uint8Array {
  const utf8 = new TextEncoder().encode(text);
  return Uint8Array.of(...encodeLeb(utf8.length), ...utf8);
}
