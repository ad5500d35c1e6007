/**
 * What happens around every callback: the arena is emptied, and garbage is collected when there is some and no frame of the filter
 * is live (the `minimal` runtime does not look at the stack, so only then is it sound).
 */
import { releaseAll } from "../abi/memory";
import { newPass } from "./header-index";

/** Counts the outermost callbacks, and changes of the effective context; whoever caches something for the length of one compares with it. */
export let callbackCount: u32 = 0;

let depth: i32 = 0;

/** Collect after so many callbacks that allocated, more when there is more to mark; see `setLiveContexts`. */
const COLLECT_EVERY: i32 = 16;
let collectEvery: i32 = COLLECT_EVERY;
let untilCollect: i32 = COLLECT_EVERY;
let pagesAfterCollect: i32 = 0;

/**
 * The object that was allocated last when the garbage was collected. Managed objects stand in a doubly linked list, new ones at its
 * end, so as long as this one is the last nothing was allocated since: two loads tell that a collection would find nothing.
 *
 *   [ mmInfo | next + color | prev | rtId | rtSize ] payload      (20 bytes before the payload, `next` at 16 before)
 */
class Marker {
  unused: u32 = 0;
}
let last: Marker = new Marker();
let afterLast: usize = nextOf(last);
let canTell: bool = checkLinks();

function nextOf(object: Marker): usize {
  return load<usize>(changetype<usize>(object) - 16) & ~3;
}

/** A self-test: if a later runtime lays objects out in another way, the garbage is collected by count instead. */
function checkLinks(): bool {
  const marker = new Marker();
  const before = nextOf(marker);
  const later = new Marker();
  return nextOf(marker) != before && nextOf(marker) == changetype<usize>(later) - 20;
}

function allocatedSinceCollect(): bool {
  return !canTell || nextOf(last) != afterLast;
}

function collect(): void {
  __collect();
  last = new Marker();
  afterLast = nextOf(last);
  untilCollect = collectEvery;
  pagesAfterCollect = memory.size();
}

/** Marking costs as much as there are live objects: with more of them, collections are further apart. */
export function setLiveContexts(count: i32): void {
  collectEvery = COLLECT_EVERY + count;
}

/** Hostcalls act for another context from now on: what was cached of the one before does not hold for it. */
export function contextChanged(): void {
  callbackCount++;
  newPass();
}

/** The host has entered the module. */
export function enter(): void {
  if (depth++ == 0) contextChanged();
}

/** The module returns to the host. */
export function leave(): void {
  if (--depth > 0) return;
  releaseAll();
  if (!allocatedSinceCollect()) return;
  if (--untilCollect <= 0 || memory.size() > pagesAfterCollect) collect();
}
