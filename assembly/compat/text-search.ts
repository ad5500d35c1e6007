/**
 * Texts found in texts and compared, four characters at a time. The standard library looks at each place of a text by a call that compares there, and
 * filters look for headers' names, paths, patterns and separators all the time. The build has all of it come here; see scripts/build/compat/text-search.ts.
 */

/** A character in each of a word's four parts. */
const EACH: u64 = 0x0001_0001_0001_0001;
const HIGH: u64 = 0x8000_8000_8000_8000;

/** As `String#indexOf`: where `search` stands in `text` at or behind `start`; -1 when it does not. An empty one stands at 0. */
export function findText(text: usize, search: usize, start: i32): i32 {
  const size = sizeOf(search);
  if (size == 0) return 0;
  const textSize = sizeOf(text);
  if (size > textSize) return -1;
  const end = text + textSize;
  const last = end - size;
  const first = load<u16>(search);
  const pattern = EACH * <u64>first;
  let at = text + ((<usize>min(max(start, 0), <i32>(textSize >> 1))) << 1);
  while (at <= last) {
    for (; at + 8 <= end; at += 8) {
      const difference = load<u64>(at) ^ pattern;
      // The lowest part that is zero has its high bit set; those above it may have theirs for no reason.
      const equal = (difference - EACH) & ~difference & HIGH;
      if (equal == 0) continue;
      at += (<usize>(ctz(equal) >> 4)) << 1;
      break;
    }
    while (at <= last && load<u16>(at) != first) at += 2;
    if (at > last) break;
    if (isSame(at + 2, search + 2, size - 2)) return <i32>((at - text) >> 1);
    at += 2;
  }
  return -1;
}

/** As the standard library's `compareImpl`: 0 for the same `length` characters; else how far apart the first two are that differ. */
export function compareTexts(left: usize, leftIndex: usize, right: usize, rightIndex: usize, length: usize): i32 {
  let a = left + (leftIndex << 1);
  let b = right + (rightIndex << 1);
  for (; length >= 4; length -= 4, a += 8, b += 8) {
    const difference = load<u64>(a) ^ load<u64>(b);
    if (difference == 0) continue;
    const at = (<usize>(ctz(difference) >> 4)) << 1;
    return <i32>load<u16>(a + at) - <i32>load<u16>(b + at);
  }
  for (; length > 0; length--, a += 2, b += 2) {
    const difference = <i32>load<u16>(a) - <i32>load<u16>(b);
    if (difference != 0) return difference;
  }
  return 0;
}

function isSame(a: usize, b: usize, size: usize): bool {
  for (; size >= 8; size -= 8, a += 8, b += 8) if (load<u64>(a) != load<u64>(b)) return false;
  for (; size > 0; size -= 2, a += 2, b += 2) if (load<u16>(a) != load<u16>(b)) return false;
  return true;
}

/** In bytes, as it stands before what the runtime hands out. */
function sizeOf(text: usize): usize {
  return <usize>load<u32>(text - 4);
}
