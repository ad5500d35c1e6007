/**
 * What AssemblyScript's runtime keeps before each managed object: the size of its block, four words, of which the last two are the class and the
 * size of the object.
 */

/** Where the size of the block stands before the object; its two lowest bits are the allocator's. */
const BLOCK_SIZE: usize = 20;
const CLASS: usize = 8;
const SIZE: usize = 4;
/** What of the block is the header, without the block's size itself. */
export const OBJECT_HEADER: usize = 16;

/** How large the object could be in the block that it has. */
export function objectRoom(object: usize): usize {
  return (load<usize>(object - BLOCK_SIZE) & ~3) - OBJECT_HEADER;
}

/** The number of the object's class. */
export function objectClass(object: usize): u32 {
  return load<u32>(object - CLASS);
}

/** The bytes of the object. */
export function objectSize(object: usize): u32 {
  return load<u32>(object - SIZE);
}

/** Makes the object larger or smaller, within its block. */
export function setObjectSize(object: usize, size: usize): void {
  store<u32>(object - SIZE, <u32>size);
}
