/**
 * What the literals of a program are in bytes. A literal stands below the heap, where it keeps its place and its text for good, so its bytes are
 * worked out once, at its first use, and found by its address afterwards: no encoding and no hashing of text at every request.
 *
 *   TABLE   256 of   | literal: usize | form: u32 | slot: usize | unused | bytes: Slice |      by the literal's address, with probing
 *
 * Texts that are made at run time, long ones, and those that come when the table is full are encoded each time.
 */
import { literalMemory } from "../abi/memory";
import { ABSENT, lowerCase, presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { encodeUtf8, utf8Length } from "../std/utf8";
import { slotOf } from "./header-index";

/** UTF-8. */
export const TEXT: u32 = 1;
/** A valid header name in lower case, with its slot in the index. */
export const NAME: u32 = 2;

const ENTRIES: u32 = 256;
const ENTRY_SIZE: usize = 24;
/** So that a search always ends at a free entry soon. */
const MOST: u32 = 192;
const LONGEST: i32 = 128;
let used: u32 = 0;

/** The entry of a literal in this form, for `literalBytes` and `literalSlot`; 0 when it has none. */
export function literalEntry(text: string, form: u32): usize {
  const address = changetype<usize>(text);
  if (address >= __heap_base) return 0;
  // Objects are 16 bytes apart.
  let i = <u32>(address >> 4) + form * 85;
  let entry = entryAt(i);
  while (load<usize>(entry) != 0) {
    if (load<usize>(entry) == address && load<u32>(entry, 4) == form) return entry;
    entry = entryAt(++i);
  }
  return takeIn(entry, text, form);
}

function entryAt(i: u32): usize {
  return literalMemory() + <usize>(i & (ENTRIES - 1)) * ENTRY_SIZE;
}

export function literalBytes(entry: usize): Slice {
  return load<u64>(entry, 16);
}

/** Where the index of header maps keeps the name. */
export function literalSlot(entry: usize): usize {
  return load<usize>(entry, 8);
}

function takeIn(entry: usize, text: string, form: u32): usize {
  if (used == MOST || text.length > LONGEST) return 0;
  const size = utf8Length(text);
  const copy = heap.alloc(size);
  encodeUtf8(text, copy);
  const bytes = presentSlice(copy, size);
  if (form == NAME && !isHeaderName(bytes)) {
    heap.free(copy);
    return 0;
  }
  if (form == NAME) {
    lowerCase(bytes);
    store<usize>(entry, slotOf(bytes), 8);
  }
  store<u64>(entry, bytes, 16);
  store<u32>(entry, form, 4);
  store<usize>(entry, changetype<usize>(text));
  used++;
  return entry;
}

/** Whether a header may have this name: printable ASCII without blanks, and not empty. */
export function isHeaderName(name: Slice): bool {
  if (name == ABSENT || sliceLength(name) == 0) return false;
  for (let at = slicePointer(name), end = at + sliceLength(name); at < end; at++) {
    const byte = load<u8>(at);
    if (byte <= 32 || byte >= 127) return false;
  }
  return true;
}
