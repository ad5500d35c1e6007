/** Which bytes the value of a header may have (RFC 9110, section 5.5). */
import { Slice, sliceLength, slicePointer } from "./slice";

const EACH: u64 = 0x0101010101010101;
const HIGH_BITS: u64 = 0x8080808080808080;
/** One more than CR. */
const ABOVE: u64 = 14;

/** Whether none of the bytes is NUL, CR or LF: a newline in a header would be a header of its own upstream, and Envoy does not look. */
export function isHeaderValue(value: Slice): bool {
  const length = sliceLength(value);
  const start = slicePointer(value);
  if (length < 8) return areAllowed(start, length);
  // The last eight may be some of those before.
  const last = start + length - 8;
  for (let at = start; at < last; at += 8) if (!areEightAllowed(at)) return false;
  return areEightAllowed(last);
}

/** Eight bytes are asked at once whether one of them is below 14, as all are that are not allowed; a tab is, too. */
function areEightAllowed(at: usize): bool {
  const bytes = load<u64>(at);
  return ((bytes - ABOVE * EACH) & ~bytes & HIGH_BITS) == 0 || areAllowed(at, 8);
}

function areAllowed(start: usize, length: u32): bool {
  for (let at = start, end = start + length; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == 0 || byte == 10 || byte == 13) return false;
  }
  return true;
}
