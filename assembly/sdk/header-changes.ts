/**
 * What a filter wrote to a map after it was read as a whole, newest first:
 *
 *   changes -> [ next | kind | name: Slice | value: Slice ] -> … -> 0
 */
import { allocate } from "../abi/memory";
import { ABSENT, presentSlice, Slice, sameBytes, sliceLength, slicePointer } from "../std/slice";

export const SET: u32 = 0;
export const ADD: u32 = 1;
export const REMOVE: u32 = 2;

const CHANGE_SIZE: u32 = 32;
const COLON: u8 = 58;

/** A change before those from `next` on; 0 when there is no memory. */
export function newChange(next: usize, kind: u32, name: Slice, value: Slice): usize {
  const change = allocate(CHANGE_SIZE);
  if (change == 0) return 0;
  store<usize>(change, next);
  store<u32>(change, kind, 4);
  store<u64>(change, name, 8);
  store<u64>(change, value, 16);
  return change;
}

export function nextChange(change: usize): usize {
  return load<usize>(change);
}

export function kindOf(change: usize): u32 {
  return load<u32>(change, 4);
}

export function nameOf(change: usize): Slice {
  return load<u64>(change, 8);
}

export function valueOf(change: usize): Slice {
  return load<u64>(change, 16);
}

/** Names that differ mostly differ in length: that is seen without a call. */
export function isSameName(a: Slice, b: Slice): bool {
  return a == b || (sliceLength(a) == sliceLength(b) && sameBytes(slicePointer(a), slicePointer(b), sliceLength(a)));
}

/**
 * The pairs of a map, of which `sizes` and `count` tell, as the host has them after `changes`: what is set goes to the end, pseudo-headers to the end of
 * theirs. `ABSENT` where only the host knows: a value that was added to a header that was there may stand beside it or in it.
 */
export function pairsAfter(changes: usize, sizes: usize, count: u32): Slice {
  let left: u32 = 0;
  let size: u32 = 4;
  let at = sizes + ((<usize>count) << 3);
  for (let i: u32 = 0; i < count; i++, sizes += 8) {
    const pairSize = load<u32>(sizes) + load<u32>(sizes, 4) + 2;
    const name = presentSlice(at, load<u32>(sizes));
    at += pairSize;
    const kind = newestKind(name, changes);
    if (kind == ADD) return ABSENT;
    if (kind != NONE) continue;
    left++;
    size += pairSize + 8;
  }
  for (let change = changes; change != 0; change = nextChange(change)) {
    if (kindOf(change) == ADD && newestKind(nameOf(change), nextChange(change)) != NONE) return ABSENT;
    if (!isLast(change, changes)) continue;
    left++;
    size += sliceLength(nameOf(change)) + sliceLength(valueOf(change)) + 10;
  }
  const start = allocate(size);
  if (start == 0) return ABSENT;
  store<u32>(start, left);
  sizesAt = start + 4;
  bytesAt = sizesAt + ((<usize>left) << 3);
  copyPairs(sizes - ((<usize>count) << 3), count, changes);
  return presentSlice(start, size);
}

const NONE: u32 = 3;

/** The kind of the first of `changes` that is of header `name`. */
function newestKind(name: Slice, changes: usize): u32 {
  for (let change = changes; change != 0; change = nextChange(change)) if (isSameName(nameOf(change), name)) return kindOf(change);
  return NONE;
}

/** Whether a change leaves a value, and none of `changes` after it is of the same header. */
function isLast(change: usize, changes: usize): bool {
  if (kindOf(change) == REMOVE) return false;
  let newer = changes;
  while (newer != change && !isSameName(nameOf(newer), nameOf(change))) newer = nextChange(newer);
  return newer == change;
}

let sizesAt: usize = 0;
let bytesAt: usize = 0;

function copyPairs(sizes: usize, count: u32, changes: usize): void {
  let at = sizes + ((<usize>count) << 3);
  let isPseudo = true;
  for (let i: u32 = 0; i < count; i++, sizes += 8) {
    const name = presentSlice(at, load<u32>(sizes));
    const value = presentSlice(at + sliceLength(name) + 1, load<u32>(sizes, 4));
    at += sliceLength(name) + sliceLength(value) + 2;
    if (isPseudo && !isPseudoHeader(name)) {
      isPseudo = false;
      copyChanges(changes, changes, true);
    }
    if (newestKind(name, changes) == NONE) copyPair(name, value);
  }
  if (isPseudo) copyChanges(changes, changes, true);
  copyChanges(changes, changes, false);
}

/** Oldest first. */
function copyChanges(change: usize, changes: usize, pseudo: bool): void {
  if (change == 0) return;
  copyChanges(nextChange(change), changes, pseudo);
  if (isPseudoHeader(nameOf(change)) == pseudo && isLast(change, changes)) copyPair(nameOf(change), valueOf(change));
}

function isPseudoHeader(name: Slice): bool {
  return sliceLength(name) > 0 && load<u8>(slicePointer(name)) == COLON;
}

function copyPair(name: Slice, value: Slice): void {
  store<u32>(sizesAt, sliceLength(name));
  store<u32>(sizesAt, sliceLength(value), 4);
  sizesAt += 8;
  copyText(name);
  copyText(value);
}

/** Bytes, and the NUL after them. */
function copyText(text: Slice): void {
  memory.copy(bytesAt, slicePointer(text), sliceLength(text));
  bytesAt += sliceLength(text);
  store<u8>(bytesAt++, 0);
}
