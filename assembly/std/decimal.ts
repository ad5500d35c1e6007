import { Slice, sliceLength, slicePointer } from "./slice";

/**
 * A number in decimal digits. `toString()` of the standard library does it faster, with tables and for any radix, which is more code than a
 * message or a configuration is worth.
 */
export function decimal(value: i64): string {
  let digits = "";
  let rest = <u64>abs(value);
  do {
    digits = String.fromCharCode(48 + <i32>(rest % 10)) + digits;
    rest /= 10;
  } while (rest != 0);
  return value < 0 ? "-" + digits : digits;
}

/** The number that a value begins with; 0 where it begins with none. Up to nine digits. */
export function parseDecimal(value: Slice): u32 {
  let number: u32 = 0;
  const end = slicePointer(value) + min(sliceLength(value), 9);
  for (let at = slicePointer(value); at < end && <u32>load<u8>(at) - 48 < 10; at++) number = number * 10 + load<u8>(at) - 48;
  return number;
}
