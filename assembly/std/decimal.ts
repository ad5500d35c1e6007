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
