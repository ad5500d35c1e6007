/**
 * Lower-case hexadecimal, as trace ids use it. Eight digits at a time: a word holds eight bytes, and sums that stay below 0x100 in each
 * byte test or change all of them at once.
 */
const HIGH_BITS: u64 = 0x8080808080808080;
const ZEROS: u64 = 0x3030303030303030;

/** Writes the 16 digits of `value` to `out`. */
export function writeHex64(out: usize, value: u64): void {
  store<u64>(out, digits(value >> 32));
  store<u64>(out, digits(value & 0xffffffff), 8);
}

/** The eight digits of a 32-bit number, the first one in the lowest byte. */
function digits(value: u64): u64 {
  // One nibble a byte, the last one lowest, then the bytes in the other order.
  let spread = (value | (value << 16)) & 0x0000ffff0000ffff;
  spread = (spread | (spread << 8)) & 0x00ff00ff00ff00ff;
  spread = bswap<u64>((spread | (spread << 4)) & 0x0f0f0f0f0f0f0f0f);
  // 10 to 15 are letters: 0x27 further than the digits.
  const letters = ((spread + 0x0606060606060606) >> 4) & 0x0101010101010101;
  return spread + ZEROS + letters * 0x27;
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
    const word = load<u64>(at);
    // The high bit of a byte in each sum: at least "0", more than "9", at least "a", more than "f".
    const digit = (word + 0x5050505050505050) & ~(word + 0x4646464646464646);
    const letter = (word + 0x1f1f1f1f1f1f1f1f) & ~(word + 0x1919191919191919);
    fault |= word | ~(digit | letter);
    other |= word ^ ZEROS;
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
