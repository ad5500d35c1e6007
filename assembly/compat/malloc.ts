/** For filters that re-export the allocator, or use it, as the SDKs' own files do. */
import { allocate } from "../abi/memory";

/** Memory that is valid until the callback returns, as what the host hands over is. */
export function malloc(size: i32): usize {
  return allocate(size);
}

/** Nothing: the memory goes by itself. */
export function free(ptr: usize): void {}
