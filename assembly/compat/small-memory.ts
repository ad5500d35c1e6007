/**
 * Short copies and fills, without the host's. Engines make a call of `memory.copy` and `memory.fill`, which costs more than a short text has bytes,
 * and filters that put texts together do little else. The build has all of them come here first; see scripts/build/compat/small-memory.ts.
 */

/** Copies up to 64 bytes that do not overlap, or lie behind where they go. */
export function copySmall(to: usize, from: usize, size: usize): void {
  const end = to + size;
  for (; to + 8 <= end; to += 8, from += 8) store<u64>(to, load<u64>(from));
  for (; to < end; to++, from++) store<u8>(to, load<u8>(from));
}

/** Fills up to 64 bytes. */
export function fillSmall(to: usize, value: i32, size: usize): void {
  const end = to + size;
  const word = <u64>(value & 0xff) * 0x0101010101010101;
  for (; to + 8 <= end; to += 8) store<u64>(to, word);
  for (; to < end; to++) store<u8>(to, value);
}
