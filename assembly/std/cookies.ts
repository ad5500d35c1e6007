/**
 * Values in a request by name: cookies (RFC 6265, section 4.2) and parameters of the query. As bytes, nothing is decoded.
 */
import { ABSENT, presentSlice, Slice, sliceEquals, sliceLength, slicePart, slicePointer } from "./slice";

const SEMICOLON: u8 = 59;
const EQUALS: u8 = 61;
const AMPERSAND: u8 = 38;
const QUESTION: u8 = 63;
const HASH: u8 = 35;

/** The value of the first cookie `name` in a `cookie` field, without quotes around it; `ABSENT` when there is none. */
export function cookieValue(field: Slice, name: Slice): Slice {
  const value = named(slicePointer(field), slicePointer(field) + sliceLength(field), name, SEMICOLON);
  const length = sliceLength(value);
  if (length < 2 || load<u8>(slicePointer(value)) != 34 || load<u8>(slicePointer(value) + length - 1) != 34) return value;
  return slicePart(value, 1, length - 1);
}

/** The value of the first parameter `name` in the query of a path; `ABSENT` when there is none. */
export function queryValue(path: Slice, name: Slice): Slice {
  let at = slicePointer(path);
  let end = at + sliceLength(path);
  while (at < end && load<u8>(at) != QUESTION) at++;
  if (at == end) return ABSENT;
  for (let fragment = at; fragment < end; fragment++) if (load<u8>(fragment) == HASH) end = fragment;
  return named(at + 1, end, name, AMPERSAND);
}

/** The value behind `name=` in a list of pairs; spaces around a pair are no part of it. */
function named(start: usize, end: usize, name: Slice, separator: u8): Slice {
  for (let at = start; at < end; at++) {
    while (at < end && load<u8>(at) == 32) at++;
    let equals: usize = 0;
    const first = at;
    for (; at < end && load<u8>(at) != separator; at++) if (equals == 0 && load<u8>(at) == EQUALS) equals = at;
    if (equals == 0 || !sliceEquals(presentSlice(first, <u32>(equals - first)), name)) continue;
    let last = at;
    while (last > equals + 1 && load<u8>(last - 1) == 32) last--;
    return presentSlice(equals + 1, <u32>(last - equals - 1));
  }
  return ABSENT;
}
