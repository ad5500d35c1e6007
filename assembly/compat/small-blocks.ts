/**
 * Blocks of memory that were freed, by size, to be given out again at once. Filters that put texts together make and drop dozens of small
 * objects in a request; the allocator merges and splits neighbours for each, which costs more than the text does.
 *
 *   LISTS   for each multiple of 16 | the block that was freed last, which holds the address of the one before | … up to LARGEST
 *
 * The build puts these before the allocator; see scripts/build/compat/small-blocks.ts.
 */
const LARGEST: usize = 256;
const LISTS: usize = memory.data(72, 8);
/** The size of a block stands before it; the two lowest bits are the allocator's. */
const SIZE_BEFORE: usize = 4;

/** The allocator's own rounding: with the 4 bytes of the size, blocks are multiples of 16. */
function listOf(size: usize): usize {
  return LISTS + (((size + 19) >> 4) << 2);
}

/** Whether a block of this size was freed before. */
export function hasSmall(size: usize): bool {
  return size <= LARGEST - 4 && load<usize>(listOf(size)) != 0;
}

/** Such a block. */
export function takeSmall(size: usize): usize {
  const list = listOf(size);
  const block = load<usize>(list);
  store<usize>(list, load<usize>(block));
  return block;
}

/** Keeps a block for later; false when it is too large, or none of the heap's. */
export function keepSmall(block: usize): bool {
  if (block < __heap_base) return false;
  const size = load<usize>(block - SIZE_BEFORE) & ~3;
  if (size > LARGEST - 4) return false;
  const list = LISTS + (((size + 4) >> 4) << 2);
  store<usize>(block, load<usize>(list));
  store<usize>(list, block);
  return true;
}
