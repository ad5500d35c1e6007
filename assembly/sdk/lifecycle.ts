/**
 * What happens around every callback: the arena is emptied, and garbage is collected when there is some and no frame of the filter
 * is live (the `minimal` runtime does not look at the stack, so only then is it sound; for loops see loop-garbage.ts).
 */
import { canGrow, releaseAll } from "../abi/memory";
import { newPass } from "./header-index";

/** Counts the outermost callbacks, and changes of the effective context; whoever caches something for the length of one compares with it. */
export let callbackCount: u32 = 0;

let depth: i32 = 0;

/** So much garbage may gather, in bytes, and as much again as there is that lives: marking costs as much as there are live objects. */
const GARBAGE: usize = 16384;
/** There may be so much before the next collection. */
let collectAt: usize = GARBAGE;
/** There has been room for so much garbage at once; the build gives the heap that much to begin with. */
let roomFor: usize = GARBAGE;

/**
 * The bytes of all managed objects that there are. The build has it answer what the runtime counts; until then every callback counts as one
 * that made a sixteenth of what may gather.
 */
export function allocatedBytes(): usize {
  guess += GARBAGE / 16;
  return guess;
}
let guess: usize = 0;

/** Hostcalls act for another context from now on: what was cached of the one before does not hold for it. */
export function contextChanged(): void {
  callbackCount++;
  newPass();
}

/** The host has entered the module. */
export function enter(): void {
  if (depth++ == 0) contextChanged();
}

/** Whether the host waits for one callback only: in one within another, hostcalls act for other contexts than around it. */
export function isOutermost(): bool {
  return depth == 1;
}

/** The module returns to the host. */
export function leave(): void {
  if (--depth > 0) return;
  releaseAll();
  if (allocatedBytes() >= collectAt) collect();
}

function collect(): void {
  __collect();
  guess = 0;
  const living = allocatedBytes();
  collectAt = 2 * living + GARBAGE;
  if (living > roomFor) makeRoom(living + (living >> 2));
}

/** At once, and not when so much has gathered, so that a module's memory has its size after the first streams. */
function makeRoom(size: usize): void {
  if (!canGrow(<u32>size)) return;
  roomFor = size;
  heap.free(heap.alloc(size));
}
