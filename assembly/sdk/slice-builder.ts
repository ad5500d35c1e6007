import { allocate } from "../abi/memory";
import { EMPTY, Slice, sliceLength, sliceOf, sliceOfBytes, slicePointer } from "../std/slice";

/** Puts bytes together in memory that is valid until the callback returns. */
export class SliceBuilder {
  private readonly start: usize;
  private readonly capacity: u32;
  private used: u32 = 0;

  /** Room for `capacity` bytes; none when there is no memory. */
  constructor(capacity: u32) {
    this.start = allocate(capacity);
    this.capacity = this.start == 0 ? 0 : capacity;
  }

  /** How many bytes there are. */
  get size(): u32 {
    return this.used;
  }

  /** How many more there is room for. */
  get free(): u32 {
    return this.capacity - this.used;
  }

  /** Appends all of the bytes, or nothing and answers false when they do not fit. */
  append(bytes: Slice): bool {
    const length = sliceLength(bytes);
    if (length > this.free) return false;
    memory.copy(this.start + this.used, slicePointer(bytes), length);
    this.used += length;
    return true;
  }

  /** As `append`, for the bytes of a managed array. */
  appendBytes(bytes: StaticArray<u8>): bool {
    return this.append(sliceOfBytes(bytes));
  }

  /** Appends one byte; false when there is no room. */
  appendByte(byte: u8): bool {
    if (this.free == 0) return false;
    store<u8>(this.start + this.used++, byte);
    return true;
  }

  /** Where the next byte goes; whoever writes there says so by `advance`. @internal */
  get end(): usize {
    return this.start + this.used;
  }

  /** Counts `length` bytes, at most `free`, that were written at `end`. @internal */
  advance(length: u32): void {
    this.used += length;
  }

  /** As `append`, with a comma before it unless it comes first: a list as header fields have them. */
  appendMember(bytes: Slice): bool {
    if (this.used == 0) return this.append(bytes);
    if (sliceLength(bytes) + 1 > this.free) return false;
    store<u8>(this.start + this.used++, 44);
    return this.append(bytes);
  }

  /** What was put together so far. */
  get slice(): Slice {
    return this.used == 0 ? EMPTY : sliceOf(this.start, this.used);
  }
}
