/** The parts of a `:path`, which has a path and maybe a query (RFC 3986, section 3). */
import { queryPartEquals } from "./percent";
import { ABSENT, presentSlice, Slice, sliceLength, slicePart, slicePointer } from "./slice";

const AMPERSAND: u8 = 38;
const EQUALS: u8 = 61;
const HASH: u8 = 35;
const QUESTION: u8 = 63;

/** The path in the value of `:path`: all before the query and the fragment, as it stands there. `ABSENT` when `target` is. */
export function urlPath(target: Slice): Slice {
  const start = slicePointer(target);
  for (let i: u32 = 0; i < sliceLength(target); i++) {
    const byte = load<u8>(start + i);
    if (byte == QUESTION || byte == HASH) return slicePart(target, 0, i);
  }
  return target;
}

/** The query in the value of `:path`, without its `?` and without a fragment, as it stands there. `ABSENT` when there is none; `/p?` has an empty one. */
export function urlQuery(target: Slice): Slice {
  const length = sliceLength(target);
  const start = sliceLength(urlPath(target));
  if (start == length || load<u8>(slicePointer(target) + start) == HASH) return ABSENT;
  let end = start + 1;
  while (end < length && load<u8>(slicePointer(target) + end) != HASH) end++;
  return slicePart(target, start + 1, end);
}

/** The value of the first parameter of a query whose name, decoded, is `name`, as it stands there; `ABSENT` when there is none. */
export function encodedParameter(query: Slice, name: Slice): Slice {
  if (name == ABSENT) return ABSENT;
  const end = slicePointer(query) + sliceLength(query);
  for (let at = slicePointer(query); at < end; at++) {
    const start = at;
    while (at < end && load<u8>(at) != AMPERSAND) at++;
    // As the URL Standard has it: nothing between two `&` is no parameter, and one without `=` has an empty value.
    if (at == start) continue;
    let equals = start;
    while (equals < at && load<u8>(equals) != EQUALS) equals++;
    if (!queryPartEquals(presentSlice(start, <u32>(equals - start)), name)) continue;
    return equals == at ? presentSlice(at, 0) : presentSlice(equals + 1, <u32>(at - equals - 1));
  }
  return ABSENT;
}
