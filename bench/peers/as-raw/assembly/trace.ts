// traceparent: validated and given a new parent-id, or made anew. Ids come from splitmix64, seeded by the clock when the plugin starts.
import { now, REQUEST_HEADERS, replaceHeader } from "./abi";
import { DIGITS, OUTBOUND, TRACEPARENT } from "./text";

const SIZE: u32 = 55;
const STATE: usize = memory.data(8, 8);

export function proxy_on_configure(id: u32, size: u32): u32 {
  now(STATE);
  return 1;
}

function nextId(): u64 {
  let z = load<u64>(STATE) + 0x9e3779b97f4a7c15;
  store<u64>(STATE, z);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

function writeHex(to: usize, value: u64): void {
  for (let i: usize = 16; i > 0; value >>= 4) store<u8>(to + --i, load<u8>(DIGITS + <usize>(value & 15)));
}

function isHex(c: u32): bool {
  return c - 0x30 <= 9 || c - 0x61 <= 5;
}

/** Lower-case hex, and not all zero. */
function isId(from: usize, size: usize): bool {
  let bits: u32 = 0;
  for (const end = from + size; from < end; from++) {
    const c = <u32>load<u8>(from);
    if (!isHex(c)) return false;
    bits |= c ^ 0x30;
  }
  return bits != 0;
}

function isValid(value: usize, size: u32): bool {
  if (size != SIZE || load<u16>(value) != 0x3030 || load<u8>(value, 2) != 0x2d) return false;
  if (load<u8>(value, 35) != 0x2d || load<u8>(value, 52) != 0x2d) return false;
  return isHex(load<u8>(value, 53)) && isHex(load<u8>(value, 54)) && isId(value + 3, 32) && isId(value + 36, 16);
}

export function propagate(inbound: usize, size: u32): void {
  if (inbound != 0 && isValid(inbound, size)) {
    memory.copy(OUTBOUND + 3, inbound + 3, 32);
    store<u16>(OUTBOUND, load<u16>(inbound, 53), 53);
  } else {
    writeHex(OUTBOUND + 3, nextId());
    writeHex(OUTBOUND + 19, nextId());
    store<u16>(OUTBOUND, 0x3130, 53);
  }
  writeHex(OUTBOUND + 36, nextId());
  replaceHeader(REQUEST_HEADERS, TRACEPARENT, 11, OUTBOUND, SIZE);
}
