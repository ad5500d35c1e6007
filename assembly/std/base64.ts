/**
 * Base64 (RFC 4648, section 4) and base64url (section 5). Strict: a text that a decoder takes is the only one for its bytes, so that nobody can
 * write a signature in two ways.
 */
import { Slice, sliceLength, slicePointer } from "./slice";

const PADDING: u32 = 61;
const NO_SYMBOL: u32 = 64;

/** How many symbols `length` bytes need at the most. */
export function base64Room(length: u32): u64 {
  return ((<u64>length + 2) / 3) << 2;
}

/** Writes `bytes` to `out`, which has room for `base64Room`; base64url has no padding. Answers the symbols written. */
export function writeBase64(out: usize, bytes: Slice, url: bool): u32 {
  const start = out;
  let at = slicePointer(bytes);
  let rest = sliceLength(bytes);
  while (rest > 0) {
    const taken = min<u32>(rest, 3);
    let group: u32 = 0;
    for (let i: u32 = 0; i < 3; i++) group = (group << 8) | (i < taken ? <u32>load<u8>(at + i) : 0);
    for (let i: u32 = 0; i < 4; i++) {
      if (i <= taken) store<u8>(out++, symbolOf((group >> (18 - 6 * i)) & 63, url));
      else if (!url) store<u8>(out++, PADDING);
    }
    at += taken;
    rest -= taken;
  }
  return <u32>(out - start);
}

/**
 * Writes the bytes that `text` stands for to `out`, which has room for as many as `text` has; it may be where `text` is. Answers the bytes written,
 * or -1 when `text` is malformed: another symbol, padding that is missing (base64url may do without), too much or in the middle, or
 * bits behind the last byte that are not 0.
 */
export function readBase64(out: usize, text: Slice, url: bool): i32 {
  const start = out;
  let at = slicePointer(text);
  let end = at + sliceLength(text);
  let padding: u32 = 0;
  while (padding < 2 && end > at && load<u8>(end - 1) == PADDING) {
    end--;
    padding++;
  }
  const loose = <u32>(end - at) & 3;
  if (loose == 1 || ((padding > 0 || !url) && padding != ((4 - loose) & 3))) return -1;
  let bits: u32 = 0;
  let count: u32 = 0;
  for (; at < end; at++) {
    const value = valueOf(load<u8>(at), url);
    if (value == NO_SYMBOL) return -1;
    bits = (bits << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    store<u8>(out++, bits >> count);
    bits &= (1 << count) - 1;
  }
  return bits == 0 ? <i32>(out - start) : -1;
}

function symbolOf(value: u32, url: bool): u32 {
  if (value < 26) return value + 65;
  if (value < 52) return value + 71;
  if (value < 62) return value - 4;
  return value == 62 ? (url ? 45 : 43) : url ? 95 : 47;
}

function valueOf(symbol: u32, url: bool): u32 {
  if (symbol - 65 < 26) return symbol - 65;
  if (symbol - 97 < 26) return symbol - 71;
  if (symbol - 48 < 10) return symbol + 4;
  if (symbol == <u32>(url ? 45 : 43)) return 62;
  return symbol == <u32>(url ? 95 : 47) ? 63 : NO_SYMBOL;
}
