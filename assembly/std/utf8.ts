/**
 * UTF-8 to strings and back, without loss of length: what is no UTF-8 becomes U+FFFD, one for each maximal subpart, as the Unicode
 * Standard (3.9, table 3-11) recommends. A decoded value therefore never equals a valid text that has fewer bytes.
 */
import { Slice, sliceLength, slicePointer } from "./slice";

const REPLACEMENT: u32 = 0xfffd;
/** What is set in a byte, or in a unit of UTF-16, that is not ASCII. Most text is ASCII, so it is taken by fours. */
const BYTES_ABOVE_ASCII: u32 = 0x80808080;
const UNITS_ABOVE_ASCII: u64 = 0xff80ff80ff80ff80;

/** One character at `at`: its code point in the low 24 bits, the bytes that it took in the high 8. */
export function decodeAt(at: usize, end: usize): u32 {
  const first = <u32>load<u8>(at);
  if (first < 0x80) return first | (1 << 24);
  if (first < 0xc2 || first > 0xf4) return REPLACEMENT | (1 << 24);
  const more: u32 = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  // E0 goes on with A0 and F0 with 90 (no overlong form), ED up to 9F (no surrogates), F4 up to 8F (U+10FFFF).
  let low: u32 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  let high: u32 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  let point = first & (0x3f >> more);
  for (let taken: u32 = 1; taken <= more; taken++) {
    if (++at >= end) return REPLACEMENT | (taken << 24);
    const byte = <u32>load<u8>(at);
    if (byte < low || byte > high) return REPLACEMENT | (taken << 24);
    point = (point << 6) | (byte & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  return point | ((more + 1) << 24);
}

/** True when every byte is printable ASCII (0x20 to 0x7e), which most header values are. */
export function isPlainText(at: usize, length: u32): bool {
  const end = at + length;
  const HIGH: u64 = 0x8080808080808080;
  for (; at + 8 <= end; at += 8) {
    const word = load<u64>(at);
    // A high bit in `word` (not ASCII), in `word - 0x20…` (below a space) or in `word + 0x01…` (0x7f) gives it away.
    if (((word | (word - 0x2020202020202020) | (word + 0x0101010101010101)) & HIGH) != 0) return false;
  }
  for (; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte - 0x20 > 0x5e) return false;
  }
  return true;
}

function startsWithAsciiBytes(at: usize, end: usize): bool {
  return at + 4 <= end && (load<u32>(at) & BYTES_ABOVE_ASCII) == 0;
}

/** Four bytes of ASCII as units of UTF-16. */
function widened(bytes: u32): u64 {
  const halves = (<u64>bytes | ((<u64>bytes) << 16)) & 0x0000ffff0000ffff;
  return (halves | (halves << 8)) & 0x00ff00ff00ff00ff;
}

/** Decodes bytes as UTF-8; never fails. */
export function decodeUtf8(at: usize, length: u32): string {
  const end = at + length;
  // AssemblyScript's own way to make a string of a known size: the object of 2 bytes a unit, filled in place. No byte makes more than one unit.
  const text = changetype<string>(__new((<usize>length) << 1, idof<string>()));
  let out = changetype<usize>(text);
  while (at < end) {
    if (startsWithAsciiBytes(at, end)) {
      store<u64>(out, widened(load<u32>(at)));
      out += 8;
      at += 4;
      continue;
    }
    const c = decodeAt(at, end);
    const point = c & 0xffffff;
    if (point > 0xffff) {
      store<u16>(out, <u16>(0xd7c0 + (point >> 10)));
      store<u16>(out, <u16>(0xdc00 | (point & 0x3ff)), 2);
      out += 4;
    } else {
      store<u16>(out, <u16>point);
      out += 2;
    }
    at += c >> 24;
  }
  const units = <u32>((out - changetype<usize>(text)) >> 1);
  return units == length ? text : text.substring(0, units);
}

/** A view as text; what is no UTF-8 reads as U+FFFD. */
export function sliceToString(slice: Slice): string {
  return decodeUtf8(slicePointer(slice), sliceLength(slice));
}

/** How many bytes a code point takes in UTF-8. */
function sizeOf(point: u32): u32 {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

/** Writes one code point as UTF-8; answers the bytes written (1 to 4). */
export function encodePoint(point: u32, out: usize): u32 {
  const size = sizeOf(point);
  if (size == 1) store<u8>(out, point);
  else {
    // The first byte has as many ones at its top as there are bytes.
    let shift = 6 * (size - 1);
    store<u8>(out, (0xff00 >> size) | (point >> shift));
    while (shift > 0) {
      shift -= 6;
      store<u8>(++out, 0x80 | ((point >> shift) & 0x3f));
    }
  }
  return size;
}

function startsWithAsciiUnits(at: usize, end: usize): bool {
  return at + 8 <= end && (load<u64>(at) & UNITS_ABOVE_ASCII) == 0;
}

/** Four units of UTF-16 that are ASCII as bytes. */
function narrowed(units: u64): u32 {
  const halves = (units | (units >> 8)) & 0x0000ffff0000ffff;
  return <u32>(halves | (halves >> 16));
}

/** The code point at `at`, in a text that goes on until `end`; a lone surrogate is U+FFFD. Above 0xffff it took two units. */
export function pointAt(at: usize, end: usize): u32 {
  const unit = <u32>load<u16>(at);
  if ((unit & 0xf800) != 0xd800) return unit;
  if (unit < 0xdc00 && at + 2 < end) {
    const low = <u32>load<u16>(at, 2);
    if ((low & 0xfc00) == 0xdc00) return 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
  }
  return REPLACEMENT;
}

function endOf(text: string): usize {
  return changetype<usize>(text) + ((<usize>text.length) << 1);
}

/** How many bytes `text` takes in UTF-8. */
export function utf8Length(text: string): u32 {
  const end = endOf(text);
  let bytes: u32 = 0;
  for (let at = changetype<usize>(text); at < end; ) {
    if (startsWithAsciiUnits(at, end)) {
      bytes += 4;
      at += 8;
      continue;
    }
    const point = pointAt(at, end);
    bytes += sizeOf(point);
    at += point > 0xffff ? 4 : 2;
  }
  return bytes;
}

/** Writes `text` as UTF-8 to `out`, which has room for `utf8Length(text)`; answers the bytes written. */
export function encodeUtf8(text: string, out: usize): u32 {
  const start = out;
  const end = endOf(text);
  for (let at = changetype<usize>(text); at < end; ) {
    if (startsWithAsciiUnits(at, end)) {
      store<u32>(out, narrowed(load<u64>(at)));
      out += 4;
      at += 8;
      continue;
    }
    const point = pointAt(at, end);
    out += encodePoint(point, out);
    at += point > 0xffff ? 4 : 2;
  }
  return <u32>(out - start);
}

/** `text` as UTF-8 in an array of its own. */
export function utf8Bytes(text: string): StaticArray<u8> {
  const bytes = new StaticArray<u8>(utf8Length(text));
  encodeUtf8(text, changetype<usize>(bytes));
  return bytes;
}

/**
 * Writes what may be shown to people and put in a header: valid UTF-8, with U+FFFD for control characters (C0, DEL, C1) and for
 * what is no UTF-8, at most `limit` bytes and never half a character. `out` has room for `limit` bytes. Answers the bytes written.
 */
export function cleanText(at: usize, length: u32, out: usize, limit: u32): u32 {
  const end = at + length;
  let written: u32 = 0;
  while (at < end) {
    const c = decodeAt(at, end);
    let point = c & 0xffffff;
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) point = REPLACEMENT;
    if (written + sizeOf(point) > limit) break;
    written += encodePoint(point, out + written);
    at += c >> 24;
  }
  return written;
}
