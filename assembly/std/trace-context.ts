/**
 * W3C Trace Context level 2 (https://www.w3.org/TR/trace-context-2/): the two headers as bytes.
 *
 *   traceparent   00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
 *                 0  3                                36               53   55 bytes
 *                 version, trace-id, parent-id, flags
 */
import { hexValue, isHexDigit, isHexId, writeHex64 } from "./hex";
import { ABSENT, EMPTY, Slice, sliceLength, sliceOf, slicePart, slicePointer } from "./slice";

export const TRACEPARENT_SIZE: u32 = 55;
export const TRACE_ID: usize = 3;
export const PARENT_ID: usize = 36;
export const FLAGS: usize = 53;

/** Sampled, bit 0, and random trace-id, bit 1: the flags of a trace that starts here. */
export const FLAG_SAMPLED: u32 = 1;
export const FLAG_RANDOM: u32 = 2;
/** What `parseTraceparent` answers for a higher version, beside the flags. */
export const HIGHER_VERSION: u32 = 0x100;
/** Not a traceparent. */
export const INVALID: u32 = 0xffffffff;

const DASH: u32 = 45;
/** Section 3.3.1.1 allows this many members in a tracestate. */
const MAX_MEMBERS: i32 = 32;

/** Without the blanks and tabs at both ends (optional white space, RFC 9110 section 5.6.3). */
export function trimmed(slice: Slice): Slice {
  let start = slicePointer(slice);
  let end = start + sliceLength(slice);
  while (start < end && isBlank(load<u8>(start))) start++;
  while (end > start && isBlank(load<u8>(end - 1))) end--;
  return end == start ? EMPTY : sliceOf(start, <u32>(end - start));
}

function isBlank(byte: u32): bool {
  return byte == 32 || byte == 9;
}

/**
 * The flags to go on with, of a value without white space around it; `INVALID` when it is none. Version 00 keeps the flags that level 2
 * knows; of a higher version, whose first four fields are read as those of 00, only the sampled flag is understood (section 4.4).
 */
export function parseTraceparent(value: Slice): u32 {
  const length = sliceLength(value);
  if (length < TRACEPARENT_SIZE) return INVALID;
  const at = slicePointer(value);
  if (((load<u8>(at, 2) ^ DASH) | (load<u8>(at, 35) ^ DASH) | (load<u8>(at, 52) ^ DASH)) != 0) return INVALID;
  const version = load<u16>(at);
  const higher = version != 0x3030;
  if (higher) {
    if (!isHexDigit(version & 0xff) || !isHexDigit(version >> 8)) return INVALID;
    if (version == 0x6666) return INVALID;
    if (length > TRACEPARENT_SIZE && load<u8>(at, 55) != DASH) return INVALID;
  } else if (length != TRACEPARENT_SIZE) return INVALID;
  if (!isHexId(at + TRACE_ID, 4) || !isHexId(at + PARENT_ID, 2)) return INVALID;
  if (!isHexDigit(load<u8>(at, FLAGS)) || !isHexDigit(load<u8>(at, FLAGS + 1))) return INVALID;
  const low = hexValue(load<u8>(at, 54));
  return higher ? (low & FLAG_SAMPLED) | HIGHER_VERSION : low & (FLAG_SAMPLED | FLAG_RANDOM);
}

/** Whether a valid traceparent has the sampled flag. */
export function isSampled(traceparent: Slice): bool {
  return (hexValue(load<u8>(slicePointer(traceparent), FLAGS + 1)) & FLAG_SAMPLED) != 0;
}

/** Writes a traceparent of version 00 whose trace-id comes from `from`, another traceparent. `out` has room for 55 bytes. */
export function writeTraceparent(out: usize, from: usize, parentId: u64, flags: u32): void {
  writeFrame(out, flags);
  store<u64>(out, load<u64>(from, TRACE_ID), TRACE_ID);
  store<u64>(out, load<u64>(from, TRACE_ID + 8), TRACE_ID + 8);
  store<u64>(out, load<u64>(from, TRACE_ID + 16), TRACE_ID + 16);
  store<u64>(out, load<u64>(from, TRACE_ID + 24), TRACE_ID + 24);
  writeHex64(out + PARENT_ID, parentId);
}

/** Writes a traceparent of version 00 for a new trace; none of the ids is zero. */
export function writeNewTraceparent(out: usize, traceIdHigh: u64, traceIdLow: u64, parentId: u64, flags: u32): void {
  writeFrame(out, flags);
  writeHex64(out + TRACE_ID, traceIdHigh);
  writeHex64(out + TRACE_ID + 16, traceIdLow);
  writeHex64(out + PARENT_ID, parentId);
}

function writeFrame(out: usize, flags: u32): void {
  store<u16>(out, 0x3030);
  store<u8>(out, DASH, 2);
  store<u8>(out, DASH, 35);
  store<u8>(out, DASH, 52);
  store<u16>(out, <u16>(0x3030 | ((flags & 15) << 8)), FLAGS);
}

// tracestate --------------------------------------------------------------------------------------------------------

/**
 * Counts the members of one tracestate field, -1 when one of them breaks the grammar (section 3.3.1.3). Empty members are legal and do not
 * count. `before` is the count of the fields in front of it: more than 32 in all are invalid too.
 */
export function countMembers(field: Slice, before: i32): i32 {
  let count = before;
  const end = slicePointer(field) + sliceLength(field);
  let at = slicePointer(field);
  while (at <= end) {
    let stop = at;
    while (stop < end && load<u8>(stop) != 44) stop++;
    const member = trimmed(stop > at ? sliceOf(at, <u32>(stop - at)) : EMPTY);
    if (sliceLength(member) > 0) {
      if (!isMember(member) || ++count > MAX_MEMBERS) return -1;
    }
    at = stop + 1;
  }
  return count;
}

/** key "=" value; blanks before the value belong to it. */
function isMember(member: Slice): bool {
  const start = slicePointer(member);
  const end = start + sliceLength(member);
  let equals = start;
  while (equals < end && load<u8>(equals) != 61) equals++;
  const keySize = equals - start;
  const valueSize = end - equals - 1;
  if (equals == end || keySize < 1 || keySize > 256 || valueSize < 1 || valueSize > 256) return false;
  const first = <u32>load<u8>(start);
  if (!isLower(first) && !isDigit(first)) return false;
  for (let at = start + 1; at < equals; at++) if (!isKeyByte(load<u8>(at))) return false;
  for (let at = equals + 1; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte - 0x20 > 0x5e || byte == 61) return false;
  }
  return true;
}

function isLower(byte: u32): bool {
  return byte - 97 < 26;
}

function isDigit(byte: u32): bool {
  return byte - 48 < 10;
}

/** a-z 0-9 _ - * / @ */
function isKeyByte(byte: u32): bool {
  return isLower(byte) || isDigit(byte) || byte == 95 || byte == 45 || byte == 42 || byte == 47 || byte == 64;
}

/** The trace-id of a valid traceparent. */
export function traceIdOf(traceparent: Slice): Slice {
  return traceparent == ABSENT ? ABSENT : slicePart(traceparent, <u32>TRACE_ID, <u32>TRACE_ID + 32);
}

/** The parent-id of a valid traceparent. */
export function parentIdOf(traceparent: Slice): Slice {
  return traceparent == ABSENT ? ABSENT : slicePart(traceparent, <u32>PARENT_ID, <u32>PARENT_ID + 16);
}
