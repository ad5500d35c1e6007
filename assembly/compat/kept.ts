/**
 * Headers that have passed. Envoy takes a map away when its stream goes on; other hosts leave it to the callbacks that follow. What a filter
 * asks for then comes from a copy of the map as it left the filter. Filters that never ask have none of this: see facts.ts.
 */
import { proxy_get_header_map_pairs } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { takeBytes } from "./bytes";
import { HeaderMapTypeValues } from "./enums";
import { defersResponse, holdsObjects, keepsRequest, keepsResponse } from "./facts";

/** The pairs of each stream, as the host wrote them. */
const requests: Map<u32, ArrayBuffer> = keepsRequest ? new Map() : changetype<Map<u32, ArrayBuffer>>(0);
const responses: Map<u32, ArrayBuffer> = keepsResponse ? new Map() : changetype<Map<u32, ArrayBuffer>>(0);

/** The context that hostcalls act for. */
let current: u32 = 0;

/** Hostcalls act for context `id` from now on. */
export function serve(id: u32): void {
  // One by one: what the build folds has to be simple.
  if (keepsRequest) current = id;
  if (keepsResponse) current = id;
  if (defersResponse) current = id;
  if (holdsObjects) current = id;
}

export function currentContext(): u32 {
  return current;
}

/** Keeps the request's headers, which pass now or may do so. */
export function keepRequest(): void {
  if (keepsRequest) keep(HeaderMapTypeValues.RequestHeaders, requests);
}

/** Keeps the response's headers, which pass now or may do so. */
export function keepResponse(): void {
  if (keepsResponse) keep(HeaderMapTypeValues.ResponseHeaders, responses);
}

/** A map that has passed before is empty to the host: what was kept then stays. */
function keep(typ: HeaderMapTypeValues, kept: Map<u32, ArrayBuffer>): void {
  if (proxy_get_header_map_pairs(typ, OUT, OUT_SIZE) == 0 && load<u32>(OUT_SIZE) > 4) kept.set(current, takeBytes());
}

/** Frees what was kept of stream `id`. */
export function dropKept(id: u32): void {
  if (keepsRequest) requests.delete(id);
  if (keepsResponse) responses.delete(id);
}

/** Whether a map of the current stream may have passed. */
export function hasKept(typ: HeaderMapTypeValues): bool {
  if (keepsRequest) {
    if (typ == HeaderMapTypeValues.RequestHeaders) return requests.has(current);
  }
  if (keepsResponse) {
    if (typ == HeaderMapTypeValues.ResponseHeaders) return responses.has(current);
  }
  return false;
}

/** Leaves the pairs of a map that has passed in OUT, as the host would. */
export function findKeptPairs(typ: HeaderMapTypeValues): bool {
  if (!hasKept(typ)) return false;
  const pairs = (typ == HeaderMapTypeValues.RequestHeaders ? requests : responses).get(current);
  store<usize>(OUT, changetype<usize>(pairs));
  store<u32>(OUT_SIZE, pairs.byteLength);
  return true;
}

/** Leaves the first value of a header of a map that has passed in OUT, as the host would. */
export function findKept(typ: HeaderMapTypeValues, name: usize, nameSize: u32): bool {
  if (!findKeptPairs(typ)) return false;
  const start = load<usize>(OUT);
  const count = load<u32>(start);
  const isHost = isSame(name, nameSize, changetype<usize>(HOST), 4);
  let at = start + 4 + ((<usize>count) << 3);
  for (let i: u32 = 0; i < count; i++) {
    const sizes = start + 4 + ((<usize>i) << 3);
    const keySize = load<u32>(sizes);
    const valueSize = load<u32>(sizes, 4);
    if (isSame(name, nameSize, at, keySize) || (isHost && isSame(changetype<usize>(AUTHORITY), 10, at, keySize))) {
      store<usize>(OUT, at + keySize + 1);
      store<u32>(OUT_SIZE, valueSize);
      return true;
    }
    at += keySize + valueSize + 2;
  }
  return false;
}

/** Envoy knows `:authority` by that name, too. */
const HOST: StaticArray<u8> = [104, 111, 115, 116];
/** `:authority` */
const AUTHORITY: StaticArray<u8> = [58, 97, 117, 116, 104, 111, 114, 105, 116, 121];

/** Whether a name as a filter writes it is one as the host does, in lower case. */
function isSame(name: usize, nameSize: u32, key: usize, keySize: u32): bool {
  if (nameSize != keySize) return false;
  for (let i: u32 = 0; i < keySize; i++) {
    let byte = load<u8>(name + i);
    if (byte >= 65 && byte <= 90) byte |= 32;
    if (byte != load<u8>(key + i)) return false;
  }
  return true;
}
