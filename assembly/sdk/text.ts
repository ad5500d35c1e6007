/** Strings as the bytes that hostcalls take, in memory that is valid until the callback returns. */
import { allocate } from "../abi/memory";
import { ABSENT, presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { cleanText, encodeUtf8, utf8Length } from "../std/utf8";
import { literalBytes, literalEntry, TEXT } from "./literals";

/** `text` as UTF-8, not to be changed; `ABSENT` when there is no memory for it. */
export function textSlice(text: string): Slice {
  const literal = literalEntry(text, TEXT);
  return literal != 0 ? literalBytes(literal) : freshSlice(text);
}

/** `text` as UTF-8, in memory of its own. */
export function freshSlice(text: string): Slice {
  const size = utf8Length(text);
  const at = allocate(size);
  if (at == 0) return ABSENT;
  encodeUtf8(text, at);
  return presentSlice(at, size);
}

/** `value` as clean text (see `cleanText`) of at most `limit` bytes; `ABSENT` when there is no memory for it. */
export function cleanSlice(value: Slice, limit: u32): Slice {
  // One bad byte can become the three of U+FFFD.
  const worst = <u64>sliceLength(value) * 3;
  const room = worst < <u64>limit ? <u32>worst : limit;
  const at = allocate(room);
  if (at == 0) return ABSENT;
  return presentSlice(at, cleanText(slicePointer(value), sliceLength(value), at, room));
}

/** `value`, or `fallback` when it is null. In AssemblyScript `value || fallback` keeps an empty string and is easily misread; this says it. */
export function orDefault(value: string | null, fallback: string): string {
  return value == null ? fallback : value;
}
