/**
 * A view on bytes: the pointer in the low word, the length in the high word. A number, so it costs no allocation.
 *
 * `ABSENT` (0) means there is nothing; an empty value has length 0 but is not `ABSENT`. A slice of what the host handed over is
 * valid until the callback returns; keep a copy (`sliceToBytes`) for longer.
 */
export type Slice = u64;

/** There is nothing. */
export const ABSENT: Slice = 0;
const NOTHING: usize = memory.data(8, 8);
/** Present, with no bytes. */
export const EMPTY: Slice = <u64>NOTHING;

/** The bytes at `pointer`, which is not 0. */
export function sliceOf(pointer: usize, length: u32): Slice {
  return ((<u64>length) << 32) | <u64>(<u32>pointer);
}

/** The same for a host's answer, where an empty value has the pointer 0. */
export function presentSlice(pointer: usize, length: u32): Slice {
  return length == 0 ? EMPTY : sliceOf(pointer, length);
}

/** Where the bytes are. */
export function slicePointer(slice: Slice): usize {
  return <usize>(<u32>slice);
}

/** How many bytes a view has; 0 when it is absent. */
export function sliceLength(slice: Slice): u32 {
  return <u32>(slice >> 32);
}

/** The bytes of a managed array as a view; the array has to be kept, in a field, as long as the view. */
export function sliceOfBytes(bytes: StaticArray<u8>): Slice {
  return presentSlice(changetype<usize>(bytes), bytes.length);
}

/** A copy that lives as long as somebody refers to it. */
export function sliceToBytes(slice: Slice): StaticArray<u8> {
  const length = sliceLength(slice);
  const bytes = new StaticArray<u8>(length);
  memory.copy(changetype<usize>(bytes), slicePointer(slice), length);
  return bytes;
}

/** Compares eight bytes at a time; the last eight overlap those before. */
export function sameBytes(a: usize, b: usize, length: u32): bool {
  if (length >= 8) {
    const last = <usize>length - 8;
    for (let i: usize = 0; i < last; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
    return load<u64>(a + last) == load<u64>(b + last);
  }
  if (length >= 4) {
    const last = <usize>length - 4;
    return load<u32>(a) == load<u32>(b) && load<u32>(a + last) == load<u32>(b + last);
  }
  for (let i: usize = 0; i < <usize>length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

/** Whether both are present with the same bytes, or both absent. */
export function sliceEquals(a: Slice, b: Slice): bool {
  if (a == b) return true;
  if (a == ABSENT || b == ABSENT || sliceLength(a) != sliceLength(b)) return false;
  return sameBytes(slicePointer(a), slicePointer(b), sliceLength(a));
}

/** Compares with a literal without decoding. Only ASCII literals can be equal. */
export function sliceEqualsText(slice: Slice, text: string): bool {
  const length = <u32>text.length;
  if (slice == ABSENT || sliceLength(slice) != length) return false;
  const at = slicePointer(slice);
  for (let i: u32 = 0; i < length; i++) {
    const unit = load<u16>(changetype<usize>(text) + ((<usize>i) << 1));
    if (unit > 0x7f || unit != <u16>load<u8>(at + i)) return false;
  }
  return true;
}

/** The part between two offsets. */
export function slicePart(slice: Slice, start: u32, end: u32): Slice {
  return presentSlice(slicePointer(slice) + start, end - start);
}

/** Where `byte` first is, counted from the beginning, at `start` or behind it; -1 when it is not there. */
export function sliceIndexOf(slice: Slice, byte: u8, start: u32 = 0): i32 {
  for (let i = start; i < sliceLength(slice); i++) if (load<u8>(slicePointer(slice) + i) == byte) return i;
  return -1;
}

/** Makes ASCII capitals small, in place. */
export function lowerCase(slice: Slice): void {
  for (let at = slicePointer(slice), end = at + sliceLength(slice); at < end; at++) {
    const byte = load<u8>(at);
    if (byte - 65 < 26) store<u8>(at, byte | 32);
  }
}
