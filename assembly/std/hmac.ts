/** HMAC-SHA-256 (RFC 2104), and a comparison that tells nothing by the time that it takes. */
import { BLOCK, DIGEST_SIZE, writeSha256, writeSha256Behind } from "./sha256";
import { ABSENT, Slice, sliceLength, sliceOf, slicePointer } from "./slice";

const INNER: u64 = 0x3636363636363636;
const OUTER: u64 = 0x5c5c5c5c5c5c5c5c;
/** Lazy, so that the compiler leaves them out of modules that sign nothing. */
class Work {
  // @ts-ignore: decorator
  @lazy static readonly PADDED_KEY: usize = memory.data(64, 8);
  // @ts-ignore: decorator
  @lazy static readonly INNER_DIGEST: usize = memory.data(32, 8);
}

/** Writes the authentication code of `message` to `out`, 32 bytes. */
export function writeHmacSha256(out: usize, key: Slice, message: Slice): void {
  memory.fill(Work.PADDED_KEY, 0, BLOCK);
  if (sliceLength(key) > BLOCK) writeSha256(Work.PADDED_KEY, key);
  else memory.copy(Work.PADDED_KEY, slicePointer(key), sliceLength(key));
  maskKey(INNER);
  writeSha256Behind(Work.INNER_DIGEST, Work.PADDED_KEY, message);
  maskKey(INNER ^ OUTER);
  writeSha256Behind(out, Work.PADDED_KEY, sliceOf(Work.INNER_DIGEST, DIGEST_SIZE));
}

function maskKey(mask: u64): void {
  for (let i: usize = 0; i < BLOCK; i += 8) store<u64>(Work.PADDED_KEY + i, load<u64>(Work.PADDED_KEY + i) ^ mask);
}

/**
 * Whether both are present with the same bytes, in a time that depends on their lengths alone: for signatures, digests and tokens, where `sliceEquals`
 * would tell a caller how much of a guess is right. False when either is `ABSENT`, also both: no signature is the signature of nothing.
 */
export function timingSafeEqual(a: Slice, b: Slice): bool {
  const length = sliceLength(a);
  if (a == ABSENT || b == ABSENT || length != sliceLength(b)) return false;
  let difference: u32 = 0;
  for (let i: usize = 0; i < length; i++) difference |= load<u8>(slicePointer(a) + i) ^ load<u8>(slicePointer(b) + i);
  return difference == 0;
}
