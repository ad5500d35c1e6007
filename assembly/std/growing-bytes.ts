/** What writers of bytes share. */

/** `bytes` when there is room for `needed`, otherwise a larger array with the first `size` of them. */
export function withRoom(bytes: StaticArray<u8>, size: i32, needed: i32): StaticArray<u8> {
  if (needed <= bytes.length) return bytes;
  const larger = new StaticArray<u8>(max(needed, bytes.length * 2));
  memory.copy(changetype<usize>(larger), changetype<usize>(bytes), size);
  return larger;
}

/** A copy of the first `size` of `bytes`. */
export function copyOf(bytes: StaticArray<u8>, size: i32): Uint8Array {
  const copy = new Uint8Array(size);
  memory.copy(copy.dataStart, changetype<usize>(bytes), size);
  return copy;
}
