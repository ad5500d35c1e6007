/**
 * Static data as the build packs it: text is UTF-16 in memory, so that nearly every second byte is 0, and each constant string has a header
 * of 20 bytes. Packed it is a list of
 *
 *   0                the end
 *   1 to 127         a string of so many characters, which follow, a byte for each
 *   128 + n, skip    so many bytes, up to 255, stay as they are; then n bytes follow, up to 63, which are taken as they are
 *   192 + n, skip    the same with two bytes for `skip`
 */
const HEADER: usize = 20;

/** Unpacks what lies at `from` to where the program expects it. The build calls it before anything else; see scripts/build/static-data.ts. */
export function unpackStaticData(from: usize): void {
  let to: usize = 0;
  for (;;) {
    const length = <usize>load<u8>(from++);
    if (length == 0) return;
    if (length < 128) {
      // [ mmInfo | 2 words of the collector | rtId | rtSize | text ], where the text begins at a multiple of 16
      const size = length << 1;
      to = (to + HEADER + 15) & ~15;
      store<u32>(to - 20, ((size + HEADER + 15) & ~15) - 4);
      store<u32>(to - 8, idof<string>());
      store<u32>(to - 4, size);
      for (const end = to + size; to < end; to += 2) store<u16>(to, load<u8>(from++));
    } else {
      const count = length & 63;
      to += load<u8>(from++);
      if (length >= 192) to += (<usize>load<u8>(from++)) << 8;
      memory.copy(to, from, count);
      to += count;
      from += count;
    }
  }
}
