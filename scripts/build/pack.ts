import type { Segment } from "./static-strings.ts";

/** What a constant string has before its text: `| mmInfo | 2 words of the collector | rtId | rtSize |`. */
const HEADER = 20;
const STRING_ID = 2;
const LONGEST_STRING = 127;
const LONGEST_RUN = 63;
const MOST_SKIPPED = 0xffff;
/** Bytes that are to be taken as they are cost two more; so many zeros between them are worth a new start. */
const GAP = 3;

/** Packs constants, in the order of addresses, as `unpackStaticData` in assembly/abi/static-data.ts reads it. */
export function packSegments(data: readonly Segment[]): Uint8Array {
  const packed: number[] = [];
  let at = 0;
  const bytes = (start: number, run: Uint8Array): void => {
    for (; start - at > MOST_SKIPPED; at += MOST_SKIPPED) packed.push(0xc0, 0xff, 0xff);
    const skip = start - at;
    if (skip < 0x100) packed.push(0x80 + run.length, skip, ...run);
    else packed.push(0xc0 + run.length, skip & 0xff, skip >> 8, ...run);
    at = start + run.length;
  };
  for (const each of data) {
    const text = readString(each);
    if (text === null) {
      for (const { start, run } of runs(each)) bytes(start, run);
      continue;
    }
    const textAt = each.at + HEADER;
    if (nextText(at) !== textAt) bytes(each.at, new Uint8Array());
    packed.push(text.length, ...text);
    at = textAt + 2 * text.length;
  }
  return Uint8Array.of(...packed, 0);
}

/** Where the text of the string after `at` begins. */
function nextText(at: number): number {
  return (at + HEADER + 15) & ~15;
}

/** Whether a segment is an object, such as a string or an array, by the header that asc gives it. */
export function isObject({ data }: Segment): boolean {
  if (data.length < HEADER) return false;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const size = view.getUint32(HEADER - 4, true);
  return view.getUint32(0, true) === ((size + HEADER + 15) & ~15) - 4 && view.getUint32(4, true) === 0 && view.getUint32(8, true) === 0;
}

/** The text of a constant string, a byte for each character; null for what is none, or has characters beyond a byte. */
function readString(segment: Segment): number[] | null {
  const { at, data } = segment;
  if (!isObject(segment) || nextText(at) !== at + HEADER) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const size = view.getUint32(HEADER - 4, true);
  const length = size >> 1;
  if (view.getUint32(HEADER - 8, true) !== STRING_ID || length === 0 || length > LONGEST_STRING) return null;
  if (data.subarray(HEADER + size).some(byte => byte !== 0)) return null;
  const units = Array.from({ length }, (_, index) => view.getUint16(HEADER + 2 * index, true));
  return units.every(unit => unit < 0x100) ? units : null;
}

/** The runs without zeros, more or less, of some bytes. */
function* runs({ at: start, data: bytes }: Segment): Generator<{ start: number; run: Uint8Array }> {
  let from = 0;
  while (from < bytes.length) {
    if (bytes[from] === 0) {
      from++;
      continue;
    }
    let end = from + 1;
    for (let at = end; at < bytes.length && at - end < GAP && at - from < LONGEST_RUN; at++) if (bytes[at] !== 0) end = at + 1;
    yield { start: start + from, run: bytes.subarray(from, end) };
    from = end;
  }
}
