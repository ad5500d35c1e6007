/**
 * For which context hostcalls act. To make that context effective once more changes nothing, so the host need not be asked, and headers that
 * were read stay read: Higress' wrapper does so for each part of a request that a plugin asks for.
 */
import { isOutermost } from "../sdk/lifecycle";
import { takesHostMemory } from "./facts";

/** 0 when it is not certain: a callback within another one has ended, and the host goes back to what was effective around it. */
let known: u32 = 0;

/** The host calls for context `id`, or has made it effective. */
export function noteActing(id: u32): void {
  known = isOutermost() ? id : 0;
}

/** Whether hostcalls act for context `id`, for certain. A filter with hostcalls of its own may change that unseen. */
export function actsFor(id: u32): bool {
  if (takesHostMemory) return false;
  return known == id && isOutermost();
}
