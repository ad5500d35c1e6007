/**
 * Where the host puts what it hands over. A filter that makes hostcalls of its own takes it the way the originals do: it is an ArrayBuffer, which the
 * filter may keep.
 */
import { allocate, canGrow, LARGEST } from "../abi/memory";
import { takesHostMemory } from "./facts";

/** Where the host puts what it hands over. Spec: v0.2.1 #proxy_on_memory_allocate */
export function proxy_on_memory_allocate(size: u32): usize {
  if (!takesHostMemory) return allocate(size);
  // Nothing is collected before the callback ends, and then only what the filter does not refer to.
  return size <= LARGEST && canGrow(size) ? __new(size, idof<ArrayBuffer>()) : 0;
}
