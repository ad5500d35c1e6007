/**
 * Garbage of loops. What a callback leaves is collected when it returns; a loop over a body can leave more than there is memory for before
 * that: each `this.text += part` leaves the text before. The build has loops that make objects look here in each round, has the functions
 * around them keep what their variables refer to on a stack in memory, and has the collector look at that; see scripts/build/garbage.
 */
import { objectClass, objectRoom, objectSize, setObjectSize } from "../abi/object-header";
import { allocatedBytes, isOutermost } from "./lifecycle";

/** So much may gather in a callback, in bytes, and as much again as there is that lives. */
const GARBAGE: usize = 1 << 24;
let collectAt: usize = GARBAGE;

/** Where the stack ends, as the build has it; 0 where functions keep none. */
let stackEnd: usize = 0;

/** A round of a loop begins. */
export function nextRound(): void {
  if (allocatedBytes() >= collectAt) collect();
}

/** Within another callback the frames of that would be needed, too, and a module that is starting has some that nobody knows. */
function collect(): void {
  if (!isOutermost()) return;
  __collect();
  collectAt = 2 * allocatedBytes() + GARBAGE;
}

/** What may refer to others refers to none before it says so: the collector may look at it while it is being made. */
export function cleared(object: usize, size: usize, id: u32): usize {
  if (id != idof<string>()) memory.fill(object, 0, size);
  return object;
}

/** An object of `size` with what is in `object`. When that has to move, the one before stays for the collector: frames may still name it. */
export function renewed(object: usize, size: usize): usize {
  if (size <= objectRoom(object)) {
    setObjectSize(object, size);
    return object;
  }
  const moved = __new(size, objectClass(object));
  memory.copy(moved, object, min<usize>(size, objectSize(object)));
  return moved;
}

/** The collector's way to what is on the stack. */
export function visitStack(cookie: u32): void {
  for (let at = __stack_pointer; at < stackEnd; at += sizeof<usize>()) __visit(load<usize>(at), cookie);
}
