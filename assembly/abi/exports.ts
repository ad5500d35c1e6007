/** What every module exports besides its callbacks. */
import { allocate } from "./memory";

/** Marks the module as one for ABI 0.2.1. Spec: v0.2.1 #proxy_abi_version_X_Y_Z */
export function proxy_abi_version_0_2_1(): void {}

/** Where the host puts what it hands over. Spec: v0.2.1 #proxy_on_memory_allocate */
export function proxy_on_memory_allocate(size: u32): usize {
  return allocate(size);
}
