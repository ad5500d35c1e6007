/**
 * Where the bytes that the host hands over live.
 *
 *   ARENA                top                       ARENA + ARENA_SIZE
 *   | pairs | value | ... |  free                   |
 *
 * A callback's data is bumped off a static arena and forgotten as a whole when the outermost callback returns. What does not fit
 * (a large body) comes from the heap and is freed at the same moment:
 *
 *   overflow -> [next: usize, 12 bytes unused | data ...] -> [next | data ...] -> 0
 */
const ARENA_SIZE: usize = 65536;
const ARENA: usize = memory.data(65536, 16);
const OVERFLOW_HEADER: usize = 16;
/** More than this at once is refused: the host reads a null pointer as a failed allocation, which is better than a trap. */
const LARGEST: u32 = 0x10000000;

let top: usize = ARENA;
let overflow: usize = 0;

/** Two words for what a hostcall returns through pointers: `OUT` the pointer or number, `OUT_SIZE` the size. */
export const OUT: usize = memory.data(16, 8);
export const OUT_SIZE: usize = OUT + 8;

/** Memory that is valid until the outermost callback returns; 0 when there is none. */
export function allocate(size: u32): usize {
  const at = top;
  if (size <= <u32>(ARENA + ARENA_SIZE - at)) {
    top = at + ((<usize>size + 15) & ~15);
    return at;
  }
  return allocateOverflow(size);
}

function allocateOverflow(size: u32): usize {
  if (size > LARGEST || !canGrow(size)) return 0;
  const block = heap.alloc(<usize>size + OVERFLOW_HEADER);
  store<usize>(block, overflow);
  overflow = block;
  return block + OVERFLOW_HEADER;
}

/** The allocator traps when the memory can't grow, so whether it can is asked first. */
function canGrow(size: u32): bool {
  return memory.size() + <i32>(size >> 15) + 2 < 65536;
}

/** Forgets everything that was allocated since the outermost callback began. */
export function releaseAll(): void {
  top = ARENA;
  while (overflow != 0) {
    const block = overflow;
    overflow = load<usize>(block);
    heap.free(block);
  }
}
