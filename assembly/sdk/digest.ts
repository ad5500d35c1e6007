/** Digests and signatures, in memory that is valid until the callback returns. */
import { allocate } from "../abi/memory";
import { writeHmacSha256 } from "../std/hmac";
import { DIGEST_SIZE, writeSha256 } from "../std/sha256";
import { ABSENT, presentSlice, Slice } from "../std/slice";

/** The SHA-256 digest of `bytes` (FIPS 180-4), 32 bytes; `ABSENT` when `bytes` is, or when there is no memory. */
export function sha256(bytes: Slice): Slice {
  const out: usize = bytes == ABSENT ? 0 : allocate(DIGEST_SIZE);
  if (out == 0) return ABSENT;
  writeSha256(out, bytes);
  return presentSlice(out, DIGEST_SIZE);
}

/**
 * The HMAC-SHA-256 of `message` under `key` (RFC 2104), 32 bytes; compare it with `timingSafeEqual`. `ABSENT` when either is, or when there is no
 * memory. A key that is empty signs what anybody can sign: refuse it at configuration. 32 random bytes are a good one.
 */
export function hmacSha256(key: Slice, message: Slice): Slice {
  const out: usize = key == ABSENT || message == ABSENT ? 0 : allocate(DIGEST_SIZE);
  if (out == 0) return ABSENT;
  writeHmacSha256(out, key, message);
  return presentSlice(out, DIGEST_SIZE);
}
