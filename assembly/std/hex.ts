/**
 * Lower-case hexadecimal, as trace ids use it. It is read eight digits at a time: a word holds eight bytes, and sums that stay below 0x100 in
 * each byte test all of them at once. It is written by a table of the two digits of each byte.
 */
const HIGH_BITS: u64 = 0x8080808080808080;
const ZEROS: u64 = 0x3030303030303030;
const ONES: u64 = 0x0101010101010101;
const PAIRS: usize = memory.data(512, 8);

for (let byte: u32 = 0; byte < 256; byte++) store<u16>(PAIRS + ((<usize>byte) << 1), hexDigit(byte >> 4) | (hexDigit(byte & 15) << 8));

function hexDigit(value: u32): u32 {
  return value + (value < 10 ? 48 : 87);
}

/** Writes the 16 digits of `value` to `out`. */
export function writeHex64(out: usize, value: u64): void {
  store<u16>(out, pair(value >> 56));
  store<u16>(out, pair(value >> 48), 2);
  store<u16>(out, pair(value >> 40), 4);
  store<u16>(out, pair(value >> 32), 6);
  store<u16>(out, pair(value >> 24), 8);
  store<u16>(out, pair(value >> 16), 10);
  store<u16>(out, pair(value >> 8), 12);
  store<u16>(out, pair(value), 14);
}

function pair(value: u64): u16 {
  return load<u16>(PAIRS + ((<usize>value & 255) << 1));
}

/** True for 0-9 and a-f; upper case is no digit here. */
export function isHexDigit(byte: u32): bool {
  return byte - 48 <= 9 || byte - 97 <= 5;
}

/** True when `count` times eight bytes are lower-case hexadecimal digits, not all of them 0. */
export function isHexId(at: usize, count: usize): bool {
  let fault: u64 = 0;
  let other: u64 = 0;
  for (const end = at + (count << 3); at < end; at += 8) {
    // Digits are 0 to 9 now, and letters 0x51 to 0x56.
    const word = load<u64>(at) ^ ZEROS;
    const letters = (word >> 6) & ONES;
    // Digits and letters from 0; what is too small has its high bit set. In the second sum what is too large has.
    fault |= (word - letters * 0x51) | (word - letters * 0x4d + 0x7676767676767676);
    other |= word;
  }
  return (fault & HIGH_BITS) == 0 && other != 0;
}

/** Writes the bytes that digits mean, of which there are eight times `count`. They have to be lower-case hexadecimal digits. */
export function readHexBytes(out: usize, digits: usize, count: usize): void {
  for (const end = digits + (count << 3); digits < end; digits += 8) {
    const word = load<u64>(digits);
    // Letters have bit 6, and are 9 more than their low nibble.
    const nibbles = (word & 0x0f0f0f0f0f0f0f0f) + ((word >> 6) & 0x0101010101010101) * 9;
    // The first digit of a byte is the high nibble; then the four bytes move together.
    let bytes = ((nibbles << 4) | (nibbles >> 8)) & 0x00ff00ff00ff00ff;
    bytes = (bytes | (bytes >> 8)) & 0x0000ffff0000ffff;
    store<u32>(out, <u32>(bytes | (bytes >> 16)));
    out += 4;
  }
}

/** The value of a digit that `isHexDigit` accepted. */
export function hexValue(byte: u32): u32 {
  return byte <= 57 ? byte - 48 : byte - 87;
}
