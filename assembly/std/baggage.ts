/**
 * W3C Baggage (https://www.w3.org/TR/baggage/): a list of members `key=value;property`, as bytes.
 */
import { writePercentEncoded } from "./percent";
import { ABSENT, EMPTY, Slice, sliceLength, sliceOf, sliceOfBytes, slicePointer } from "./slice";
import { trimmed } from "./trace-context";

/** The grammar allows so many members (section 3.2.1.1) … */
export const MAX_BAGGAGE_MEMBERS: i32 = 180;
/** … and every participant carries at least so many bytes (section 3.3.2); what goes beyond is cut. */
export const MAX_BAGGAGE_SIZE: u32 = 8192;

/** The members of a field, one after the other, trimmed; empty ones are left out. */
export class BaggageMembers {
  private at: usize;
  private readonly end: usize;

  constructor(field: Slice) {
    this.at = slicePointer(field);
    this.end = this.at + sliceLength(field);
  }

  /** The next member, `ABSENT` after the last. */
  next(): Slice {
    while (this.at < this.end) {
      const start = this.at;
      const stop = memberEnd(start, this.end);
      this.at = stop + 1;
      const member = trimmed(sliceOf(start, <u32>(stop - start)));
      if (sliceLength(member) > 0) return member;
    }
    return ABSENT;
  }
}

/** The end of the member that starts at `at`: the next comma, or `end`. */
function memberEnd(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != 44) at++;
  return at;
}

/** Whether a field is valid as it is and within the limits; an empty one is not. */
export function isCleanBaggage(field: Slice): bool {
  if (sliceLength(field) > MAX_BAGGAGE_SIZE) return false;
  let members = 0;
  const end = slicePointer(field) + sliceLength(field);
  for (let at = slicePointer(field); at <= end; ) {
    const stop = memberEnd(at, end);
    if (!isBaggageMember(trimmed(sliceOf(at, <u32>(stop - at)))) || ++members > MAX_BAGGAGE_MEMBERS) return false;
    at = stop + 1;
  }
  return true;
}

/** key OWS "=" OWS value, then any number of OWS ";" OWS property. `member` is trimmed. */
export function isBaggageMember(member: Slice): bool {
  const end = slicePointer(member) + sliceLength(member);
  let at = slicePointer(member);
  let part = partEnd(at, end);
  if (!isPair(at, part, true)) return false;
  while (part < end) {
    at = part + 1;
    part = partEnd(at, end);
    if (!isPair(at, part, false)) return false;
  }
  return true;
}

/** The key of a valid member. */
export function baggageKey(member: Slice): Slice {
  const start = slicePointer(member);
  let at = start;
  while (isTokenByte(load<u8>(at))) at++;
  return sliceOf(start, <u32>(at - start));
}

function partEnd(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != 59) at++;
  return at;
}

function isPair(start: usize, end: usize, needsValue: bool): bool {
  const part = trimmed(end > start ? sliceOf(start, <u32>(end - start)) : EMPTY);
  let at = slicePointer(part);
  const stop = at + sliceLength(part);
  const key = at;
  while (at < stop && isTokenByte(load<u8>(at))) at++;
  if (at == key) return false;
  while (at < stop && isBlank(load<u8>(at))) at++;
  if (at == stop) return !needsValue;
  if (load<u8>(at) != 61) return false;
  at++;
  while (at < stop && isBlank(load<u8>(at))) at++;
  for (; at < stop; at++) if (!isBaggageOctet(load<u8>(at))) return false;
  return true;
}

function isBlank(byte: u32): bool {
  return byte == 32 || byte == 9;
}

/** 0x21, 0x23-0x2b, 0x2d-0x3a, 0x3c-0x5b, 0x5d-0x7e */
export function isBaggageOctet(byte: u32): bool {
  return byte - 0x21 <= 0x5d && byte != 0x22 && byte != 0x2c && byte != 0x3b && byte != 0x5c;
}

/** The characters of a token (RFC 9110 section 5.6.2) up to 0x3f and from 0x40: letters, digits, ! # $ % & ' * + - . ^ _ ` | ~ */
const TOKEN_LOW: u64 = 0x03ff6cfa00000000;
const TOKEN_HIGH: u64 = 0x57ffffffc7fffffe;

/** A character of a token. */
export function isTokenByte(byte: u32): bool {
  return byte < 0x80 && (((byte < 0x40 ? TOKEN_LOW : TOKEN_HIGH) >> (byte & 63)) & 1) != 0;
}

/** A bit for each octet of a value but `%`, below 0x40 and from 0x40. */
const VALUE_LOW: u64 = 0xf7ffefda00000000;
const VALUE_HIGH: u64 = 0x7fffffffefffffff;

/** `value` percent-encoded, as the value of a member. */
export function percentEncoded(value: StaticArray<u8>): StaticArray<u8> {
  const encoded = new StaticArray<u8>(value.length * 3);
  const size = writePercentEncoded(changetype<usize>(encoded), sliceOfBytes(value), VALUE_LOW, VALUE_HIGH);
  return StaticArray.slice<u8>(encoded, 0, size);
}
