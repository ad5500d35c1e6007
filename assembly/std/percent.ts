/** Percent-encoding (RFC 3986, section 2.1), and what forms and queries make of it: there a space is a plus. */
import { hexDigit } from "./hex-bytes";
import { Slice, sliceLength, slicePointer } from "./slice";

const PERCENT: u8 = 37;
const PLUS: u8 = 43;
const SPACE: u8 = 32;
/** A bit for each unreserved character (section 2.3) below 0x40 and from 0x40: letters, digits, - . _ ~ */
export const UNRESERVED_LOW: u64 = 0x03ff600000000000;
export const UNRESERVED_HIGH: u64 = 0x47fffffe87fffffe;

/**
 * Writes `bytes` to `out`, which has room for three times as many: as they are where `low` (below 0x40) or `high` (from 0x40) has their bit,
 * everything else with capital digits. Answers the bytes written.
 */
export function writePercentEncoded(out: usize, bytes: Slice, low: u64, high: u64): u32 {
  const start = out;
  for (let at = slicePointer(bytes), end = at + sliceLength(bytes); at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte < 0x80 && (((byte < 0x40 ? low : high) >> (byte & 63)) & 1) != 0) store<u8>(out++, byte);
    else {
      store<u8>(out, PERCENT);
      store<u8>(out, upperHex(byte >> 4), 1);
      store<u8>(out, upperHex(byte & 15), 2);
      out += 3;
    }
  }
  return <u32>(out - start);
}

/**
 * Writes the bytes that `text` stands for to `out`, which has room for as many as `text` has; it may be where `text` is. Answers the bytes written,
 * or -1 where a `%` has no two digits behind it.
 */
export function readPercentEncoded(out: usize, text: Slice): i32 {
  const start = out;
  for (let at = slicePointer(text), end = at + sliceLength(text); at < end; at++) {
    let byte = <i32>load<u8>(at);
    if (byte == PERCENT) {
      byte = escapeAt(at, end);
      if (byte < 0) return -1;
      at += 2;
    }
    store<u8>(out++, byte);
  }
  return <i32>(out - start);
}

/** Whether a part of a query stands for itself: has no `%` and no `+`. */
export function isPlainQuery(text: Slice): bool {
  for (let at = slicePointer(text), end = at + sliceLength(text); at < end; at++) {
    if (load<u8>(at) == PERCENT || load<u8>(at) == PLUS) return false;
  }
  return true;
}

/**
 * As `readPercentEncoded` for a part of a query, as the URL Standard reads `application/x-www-form-urlencoded`: `+` is a space, and a `%` without two
 * digits is itself, so that nothing is malformed.
 */
export function readQueryPart(out: usize, text: Slice): u32 {
  const start = out;
  const end = slicePointer(text) + sliceLength(text);
  for (let at = slicePointer(text); at < end; at += queryByteSize(at, end)) store<u8>(out++, queryByte(at, end));
  return <u32>(out - start);
}

/** Whether a part of a query stands for `bytes`. */
export function queryPartEquals(text: Slice, bytes: Slice): bool {
  const end = slicePointer(text) + sliceLength(text);
  let other = slicePointer(bytes);
  const otherEnd = other + sliceLength(bytes);
  for (let at = slicePointer(text); at < end; at += queryByteSize(at, end)) {
    if (other == otherEnd || load<u8>(other++) != queryByte(at, end)) return false;
  }
  return other == otherEnd;
}

function queryByte(at: usize, end: usize): u8 {
  const byte = load<u8>(at);
  if (byte == PLUS) return SPACE;
  const escaped = byte == PERCENT ? escapeAt(at, end) : -1;
  return escaped < 0 ? byte : <u8>escaped;
}

function queryByteSize(at: usize, end: usize): usize {
  return load<u8>(at) == PERCENT && escapeAt(at, end) >= 0 ? 3 : 1;
}

/** What the two digits behind the `%` at `at` stand for; -1 where there are no two. */
function escapeAt(at: usize, end: usize): i32 {
  if (end - at < 3) return -1;
  const high = hexDigit(load<u8>(at, 1));
  const low = hexDigit(load<u8>(at, 2));
  return (high | low) < 0 ? -1 : (high << 4) | low;
}

function upperHex(digit: u32): u8 {
  return <u8>(digit + (digit < 10 ? 48 : 55));
}
