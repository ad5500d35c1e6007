/**
 * Names that a filter asks for at every request, so that one pass over a map finds them all.
 *
 *   BY_LENGTH   64 bytes: the first slot, plus 1, of the names of that length; 0 when there are none
 *   SLOTS       128 of   | name: usize | length: u32 | next: u32 | pass: u32 | count: u32 | first value: Slice |
 *
 * `pass` is the number of the pass that saw the name last. A slot whose number is not that of the last pass saw nothing in it, so nothing
 * has to be cleared between passes.
 */
import { ABSENT, presentSlice, Slice, sameBytes, sliceLength, slicePointer } from "../std/slice";

const MAX_SLOTS: u32 = 128;
const SLOT_SIZE: usize = 32;
const SLOTS: usize = memory.data(4096, 8);
const BY_LENGTH: usize = memory.data(64, 8);
/** No slot: the name is looked for by going through the map. */
export const NO_SLOT: u32 = 0xffffffff;

let used: u32 = 0;
/** The number of the last pass. */
export let lastPass: u32 = 0;

function slotAt(slot: u32): usize {
  return SLOTS + <usize>slot * SLOT_SIZE;
}

/** The slot of a name in lower case; the same name has the same slot. `NO_SLOT` for a long name, or when all are taken. */
export function slotOf(name: Slice): u32 {
  const length = sliceLength(name);
  if (length > 63) return NO_SLOT;
  for (let slot: u32 = 0; slot < used; slot++) {
    const at = slotAt(slot);
    if (load<u32>(at, 4) == length && sameBytes(load<usize>(at), slicePointer(name), length)) return slot;
  }
  if (used == MAX_SLOTS) return NO_SLOT;
  const at = slotAt(used);
  // The copy is for good: names come from the module and from configurations, so there are few.
  const copy = heap.alloc(length);
  memory.copy(copy, slicePointer(name), length);
  store<usize>(at, copy);
  store<u32>(at, length, 4);
  store<u32>(at, load<u8>(BY_LENGTH + length), 8);
  store<u32>(at, 0, 12);
  store<u8>(BY_LENGTH + length, <u8>(used + 1));
  return used++;
}

/**
 * Goes through the pairs of a map (see `HeaderMap`) once, as pass `lastPass`. False when a size points beyond `end`: then nothing of the map
 * is to be looked at, and the pass saw nothing.
 */
export function indexPairs(sizes: usize, bytes: usize, end: usize): bool {
  const pass = ++lastPass;
  let at = bytes;
  for (; sizes < bytes; sizes += 8) {
    const nameSize = load<u32>(sizes);
    const valueSize = load<u32>(sizes, 4);
    const next = <u64>at + nameSize + valueSize + 2;
    if (next > <u64>end) {
      lastPass++;
      return false;
    }
    if (nameSize < 64) {
      for (let chained = <u32>load<u8>(BY_LENGTH + nameSize); chained != 0; ) {
        const slot = slotAt(chained - 1);
        if (sameBytes(at, load<usize>(slot), nameSize)) {
          if (load<u32>(slot, 12) == pass) store<u32>(slot, load<u32>(slot, 16) + 1, 16);
          else {
            store<u32>(slot, pass, 12);
            store<u32>(slot, 1, 16);
            store<u64>(slot, presentSlice(at + nameSize + 1, valueSize), 24);
          }
          break;
        }
        chained = load<u32>(slot, 8);
      }
    }
    at = <usize>next;
  }
  return true;
}

/** The first value of the name in this slot that the last pass saw, `ABSENT` when it saw none. */
export function indexedValue(slot: u32): Slice {
  const at = slotAt(slot);
  return load<u32>(at, 12) == lastPass ? load<u64>(at, 24) : ABSENT;
}

/** How many values of the name in this slot the last pass saw. */
export function indexedCount(slot: u32): u32 {
  const at = slotAt(slot);
  return load<u32>(at, 12) == lastPass ? load<u32>(at, 16) : 0;
}
