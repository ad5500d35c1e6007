/** Hexadecimal as people and other programs write it: digits in either case. `hex.ts` is for trace ids, which have one case and a fixed size. */
import { Slice, sliceLength, slicePointer } from "./slice";

/** The value of a hexadecimal digit in either case, -1 when it is none. */
export function hexDigit(c: i32): i32 {
  if (c >= 48 && c <= 57) return c - 48;
  if (c >= 97 && c <= 102) return c - 87;
  return c >= 65 && c <= 70 ? c - 55 : -1;
}

/** Writes the digits of `bytes`, in lower case, to `out`, which has room for two for each. */
export function writeHex(out: usize, bytes: Slice): void {
  for (let at = slicePointer(bytes), end = at + sliceLength(bytes); at < end; at++) {
    const byte = <u32>load<u8>(at);
    store<u8>(out, lowerHex(byte >> 4));
    store<u8>(out, lowerHex(byte & 15), 1);
    out += 2;
  }
}

/**
 * Writes the bytes that `digits` stand for to `out`, which has room for half as many. False when they are not two for each byte or others than
 * digits.
 */
export function readHex(out: usize, digits: Slice): bool {
  if ((sliceLength(digits) & 1) != 0) return false;
  for (let at = slicePointer(digits), end = at + sliceLength(digits); at < end; at += 2) {
    const value = (hexDigit(load<u8>(at)) << 4) | hexDigit(load<u8>(at, 1));
    if (value < 0) return false;
    store<u8>(out++, value);
  }
  return true;
}

function lowerHex(digit: u32): u8 {
  return <u8>(digit + (digit < 10 ? 48 : 87));
}
