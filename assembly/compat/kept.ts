/**
 * Headers that have passed. Envoy takes a map away when its stream goes on; other hosts leave it to the callbacks that follow. What a filter
 * asks for then comes from a copy of the map as it left the filter. Filters that never ask have none of this: see facts.ts.
 */
import { proxy_get_header_map_pairs } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { ABSENT } from "../std/slice";
import { sliceLength, slicePointer, takeBytes } from "./bytes";
import { HeaderMapTypeValues } from "./enums";
import { addExtra, ExtraKind, findExtra } from "./extras";
import { keepsRequest, keepsResponse } from "./facts";
import { mapOf } from "./maps";

/** Keeps the request's headers, which pass now or may do so. */
export function keepRequest(): void {
  if (keepsRequest) keep(HeaderMapTypeValues.RequestHeaders, ExtraKind.Request);
}

/** Keeps the response's headers, which pass now or may do so. */
export function keepResponse(): void {
  if (keepsResponse) keep(HeaderMapTypeValues.ResponseHeaders, ExtraKind.Response);
}

/** A map that has passed before is empty to the host: what was kept then stays. */
function keep(typ: HeaderMapTypeValues, kind: ExtraKind): void {
  const read = mapOf(typ).viewPairs();
  if (read != ABSENT) {
    store<usize>(OUT, slicePointer(read));
    store<u32>(OUT_SIZE, sliceLength(read));
  } else if (proxy_get_header_map_pairs(typ, OUT, OUT_SIZE) != 0 || load<u32>(OUT_SIZE) <= 4) return;
  const pairs = changetype<string>(takeBytes());
  const kept = findExtra(kind);
  if (kept != null) kept.value = pairs;
  else addExtra(kind, "", pairs);
}

/** Whether a map of this type is kept when it passes. */
export function isKept(typ: HeaderMapTypeValues): bool {
  if (keepsRequest) {
    if (typ == HeaderMapTypeValues.RequestHeaders) return true;
  }
  if (keepsResponse) return typ == HeaderMapTypeValues.ResponseHeaders;
  return false;
}

/** Whether a map of the current stream may have passed. */
export function hasKept(typ: HeaderMapTypeValues): bool {
  if (keepsRequest) {
    if (typ == HeaderMapTypeValues.RequestHeaders) return findExtra(ExtraKind.Request) != null;
  }
  if (keepsResponse) {
    if (typ == HeaderMapTypeValues.ResponseHeaders) return findExtra(ExtraKind.Response) != null;
  }
  return false;
}

/** Leaves the pairs of a map that has passed in OUT, as the host would. */
export function findKeptPairs(typ: HeaderMapTypeValues): bool {
  if (!hasKept(typ)) return false;
  const kept = findExtra(typ == HeaderMapTypeValues.RequestHeaders ? ExtraKind.Request : ExtraKind.Response);
  if (kept == null) return false;
  const pairs = changetype<ArrayBuffer>(kept.value);
  store<usize>(OUT, changetype<usize>(pairs));
  store<u32>(OUT_SIZE, pairs.byteLength);
  return true;
}

/** Leaves the first value of a header of a map that has passed in OUT, as the host would. */
export function findKept(typ: HeaderMapTypeValues, name: usize, nameSize: u32): bool {
  if (!findKeptPairs(typ)) return false;
  const start = load<usize>(OUT);
  const count = load<u32>(start);
  // Envoy knows `:authority` by that name, too.
  const isHost = nameSize == 4 && (load<u32>(name) | 0x20202020) == HOST;
  let at = start + 4 + ((<usize>count) << 3);
  for (let i: u32 = 0; i < count; i++) {
    const sizes = start + 4 + ((<usize>i) << 3);
    const keySize = load<u32>(sizes);
    const valueSize = load<u32>(sizes, 4);
    if (isSame(name, nameSize, at, keySize) || (isHost && isAuthority(at, keySize))) {
      store<usize>(OUT, at + keySize + 1);
      store<u32>(OUT_SIZE, valueSize);
      return true;
    }
    at += keySize + valueSize + 2;
  }
  return false;
}

/** `host`, `:authori` and `ty`, as words. */
const HOST: u32 = 0x74736f68;
const AUTHORITY: u64 = 0x69726f687475613a;
const AUTHORITY_END: u16 = 0x7974;

function isAuthority(key: usize, keySize: u32): bool {
  return keySize == 10 && load<u64>(key) == AUTHORITY && load<u16>(key, 8) == AUTHORITY_END;
}

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
