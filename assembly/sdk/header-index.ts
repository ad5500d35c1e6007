/**
 * Names that a filter asks for at every request, so that one pass over a map finds them all.
 *
 *   BY_LENGTH   64 addresses: the first slot of the names of that length; 0 when there are none
 *   SLOTS       128 of   | name: usize | end of the name: u32 | next: usize | count: u32 | pass: u64 | first value: Slice |
 *
 * The last four bytes of a name mostly tell it from others of its length, without a call.
 *
 * `pass` is the number of the pass that saw the name last. A slot whose number is not that of the last pass saw nothing in it, so nothing
 * has to be cleared between passes.
 */
import { indexMemory } from "../abi/memory";
import { ABSENT, presentSlice, Slice, sameBytes, sliceLength, slicePointer } from "../std/slice";

const MAX_SLOTS: u32 = 128;
const SLOT_SIZE: usize = 32;
const BY_LENGTH_SIZE: usize = 256;
/** No slot: the name is looked for by going through the map. */
export const NO_SLOT: usize = 0;

let used: u32 = 0;
/** The number of the last pass, which every callback counts on: what an earlier callback read holds for no other. No map has number 0. */
export let lastPass: u64 = 1;

/** From now on, nothing that was read holds. */
export function newPass(): void {
  lastPass++;
}

/** Whether a name is `host`, which in a request is another name of `:authority`. */
export function isHost(name: Slice): bool {
  return sliceLength(name) == 4 && load<u32>(slicePointer(name)) == 0x74736f68;
}

/** The slot of a name in lower case; the same name has the same slot. `NO_SLOT` for a long or very short name, or when all are taken, and for `host`. */
export function slotOf(name: Slice): usize {
  const length = sliceLength(name);
  if (length > 63 || length < 4 || isHost(name)) return NO_SLOT;
  const first = indexMemory() + ((<usize>length) << 2);
  for (let slot = load<usize>(first); slot != 0; slot = load<usize>(slot, 8)) {
    if (sameBytes(load<usize>(slot), slicePointer(name), length)) return slot;
  }
  if (used == MAX_SLOTS) return NO_SLOT;
  const at = indexMemory() + BY_LENGTH_SIZE + <usize>used * SLOT_SIZE;
  used++;
  // What was read before does not know of this name: until it is read again, it is gone through.
  newPass();
  // The copy is for good: names come from the module and from configurations, so there are few.
  const copy = heap.alloc(length);
  memory.copy(copy, slicePointer(name), length);
  store<usize>(at, copy);
  store<u32>(at, nameEnd(copy, length), 4);
  store<usize>(at, load<usize>(first), 8);
  store<u64>(at, 0, 16);
  store<usize>(first, at);
  return at;
}

/**
 * Goes through the pairs of a map (see `HeaderMap`) once, as pass `lastPass`. False when a size points beyond `end`: then nothing of the map
 * is to be looked at, and the pass saw nothing.
 */
export function indexPairs(sizes: usize, bytes: usize, end: usize): bool {
  newPass();
  const pass = lastPass;
  let at = bytes;
  for (; sizes < bytes; sizes += 8) {
    const nameSize = load<u32>(sizes);
    const valueSize = load<u32>(sizes, 4);
    const next = <u64>at + nameSize + valueSize + 2;
    if (next > <u64>end) {
      newPass();
      return false;
    }
    if (nameSize < 64) {
      for (let slot = load<usize>(indexMemory() + ((<usize>nameSize) << 2)); slot != 0; slot = load<usize>(slot, 8)) {
        if (nameEnd(at, nameSize) == load<u32>(slot, 4) && sameBytes(at, load<usize>(slot), nameSize)) {
          if (load<u64>(slot, 16) == pass) store<u32>(slot, load<u32>(slot, 12) + 1, 12);
          else {
            store<u64>(slot, pass, 16);
            store<u32>(slot, 1, 12);
            store<u64>(slot, presentSlice(at + nameSize + 1, valueSize), 24);
          }
          break;
        }
      }
    }
    at = <usize>next;
  }
  return true;
}

function nameEnd(at: usize, length: u32): u32 {
  return load<u32>(at + length - 4);
}

/** The first value of the name in this slot that the last pass saw, `ABSENT` when it saw none. */
export function indexedValue(slot: usize): Slice {
  return load<u64>(slot, 16) == lastPass ? load<u64>(slot, 24) : ABSENT;
}

/** How many values of the name in this slot the last pass saw. */
export function indexedCount(slot: usize): u32 {
  return load<u64>(slot, 16) == lastPass ? load<u32>(slot, 12) : 0;
}
