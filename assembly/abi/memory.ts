/**
 * Where the bytes that the host hands over live.
 *
 *   arena                 top                       arena + ARENA_SIZE
 *   | pairs | value | ... |  free                   |
 *
 * A callback's data is bumped off an arena and forgotten as a whole when the outermost callback returns. What does not fit
 * (a large body) comes from the heap and is freed at the same moment:
 *
 *   overflow -> [next: usize, 12 bytes unused | data ...] -> [next | data ...] -> 0
 */
import { reservedMemory } from "./facts";

const ARENA_SIZE: usize = 65536;
/** Behind the arena: what header-index.ts and literals.ts of the SDK keep. */
const INDEX_SIZE: usize = 4352;
const LITERALS_SIZE: usize = 6144;
/** What the build reserves. */
const SIZE: usize = ARENA_SIZE + INDEX_SIZE + LITERALS_SIZE;
const OVERFLOW_HEADER: usize = 16;
/** More than this at once is refused: the host reads a null pointer as a failed allocation, which is better than a trap. */
export const LARGEST: u32 = 0x10000000;

/** The same memory from the heap, in a module for which the build has reserved none. */
let heapMemory: usize = 0;
let top: usize = 0;
let overflow: usize = 0;

/** Two words for what a hostcall returns through pointers: `OUT` the pointer or number, `OUT_SIZE` the size. */
export const OUT: usize = memory.data(16, 8);
export const OUT_SIZE: usize = OUT + 8;

function arena(): usize {
  return reservedMemory != 0 ? reservedMemory : heapMemory;
}

/** Zeros at start, and then whatever the header index keeps there. */
export function indexMemory(): usize {
  return arena() + ARENA_SIZE;
}

/** The same for the table of literals. */
export function literalMemory(): usize {
  return arena() + (ARENA_SIZE + INDEX_SIZE);
}

/** Memory that is valid until the outermost callback returns; 0 when there is none. */
export function allocate(size: u32): usize {
  const at = top;
  if (size <= <u32>(arena() + ARENA_SIZE - at)) {
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
export function canGrow(size: u32): bool {
  return memory.size() + <i32>(size >> 15) + 2 < 65536;
}

/** Forgets everything that was allocated since the outermost callback began. */
export function releaseAll(): void {
  top = arena();
  while (overflow != 0) {
    const block = overflow;
    overflow = load<usize>(block);
    heap.free(block);
  }
}

// Last, because the compiler gets to the abort handler here, which uses what stands above.
if (reservedMemory == 0) {
  heapMemory = heap.alloc(SIZE);
  memory.fill(heapMemory, 0, SIZE);
}
top = arena();
