/**
 * SHA-256 (FIPS 180-4) over bytes, and a comparison that takes as long for a wrong digest as for the right one.
 */
import { hexDigit } from "./hex-bytes";
import { Slice, sliceLength, slicePointer } from "./slice";

/** Bytes of a digest. */
export const DIGEST_SIZE: u32 = 32;

/** Bytes of a block. */
export const BLOCK: u32 = 64;
/** Lazy, so that the compiler leaves them out of modules that hash nothing. */
class Work {
  /** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
  // @ts-ignore: decorator
  @lazy static readonly ROUND: StaticArray<u32> = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ];
  /** The working state, the message schedule of a block, and the last block with its padding. */
  // @ts-ignore: decorator
  @lazy static readonly STATE: usize = memory.data(32, 8);
  // @ts-ignore: decorator
  @lazy static readonly SCHEDULE: usize = memory.data(256, 8);
  // @ts-ignore: decorator
  @lazy static readonly TAIL: usize = memory.data(128, 8);
}

/** Writes the digest of `bytes` to `out`, 32 bytes. */
export function writeSha256(out: usize, bytes: Slice): void {
  begin();
  finish(out, bytes, 0);
}

/** Writes the digest of a first block, the 64 bytes at `block`, and of `bytes` behind it. */
export function writeSha256Behind(out: usize, block: usize, bytes: Slice): void {
  begin();
  compress(block);
  finish(out, bytes, BLOCK);
}

function begin(): void {
  store<u32>(Work.STATE, 0x6a09e667);
  store<u32>(Work.STATE, 0xbb67ae85, 4);
  store<u32>(Work.STATE, 0x3c6ef372, 8);
  store<u32>(Work.STATE, 0xa54ff53a, 12);
  store<u32>(Work.STATE, 0x510e527f, 16);
  store<u32>(Work.STATE, 0x9b05688c, 20);
  store<u32>(Work.STATE, 0x1f83d9ab, 24);
  store<u32>(Work.STATE, 0x5be0cd19, 28);
}

/** Takes in the rest of a message of which there were `before` bytes already, and writes its digest. */
function finish(out: usize, bytes: Slice, before: u64): void {
  const length = sliceLength(bytes);
  const start = slicePointer(bytes);
  const whole = length & ~(BLOCK - 1);
  for (let at: u32 = 0; at < whole; at += BLOCK) compress(start + at);
  const rest = length - whole;
  // The rest, one bit, zeros, and the length in bits: one block more, or two where the length does not fit.
  const size: u32 = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
  memory.fill(Work.TAIL, 0, size);
  memory.copy(Work.TAIL, start + whole, rest);
  store<u8>(Work.TAIL + rest, 0x80);
  store<u64>(Work.TAIL + size - 8, bswap<u64>((before + length) << 3));
  for (let at: u32 = 0; at < size; at += BLOCK) compress(Work.TAIL + at);
  for (let i: usize = 0; i < DIGEST_SIZE; i += 4) store<u32>(out + i, bswap<u32>(load<u32>(Work.STATE + i)));
}

function compress(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(Work.SCHEDULE + i, bswap<u32>(load<u32>(block + i)));
  for (let i: usize = 64; i < 256; i += 4) {
    const a = load<u32>(Work.SCHEDULE + i - 60);
    const b = load<u32>(Work.SCHEDULE + i - 8);
    const small = rotr<u32>(a, 7) ^ rotr<u32>(a, 18) ^ (a >> 3);
    const large = rotr<u32>(b, 17) ^ rotr<u32>(b, 19) ^ (b >> 10);
    store<u32>(Work.SCHEDULE + i, load<u32>(Work.SCHEDULE + i - 64) + small + load<u32>(Work.SCHEDULE + i - 28) + large);
  }
  let a = load<u32>(Work.STATE);
  let b = load<u32>(Work.STATE, 4);
  let c = load<u32>(Work.STATE, 8);
  let d = load<u32>(Work.STATE, 12);
  let e = load<u32>(Work.STATE, 16);
  let f = load<u32>(Work.STATE, 20);
  let g = load<u32>(Work.STATE, 24);
  let h = load<u32>(Work.STATE, 28);
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g);
    const one =
      h + (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + choice + unchecked(Work.ROUND[i]) + load<u32>(Work.SCHEDULE + (i << 2));
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + majority;
    h = g;
    g = f;
    f = e;
    e = d + one;
    d = c;
    c = b;
    b = a;
    a = one + two;
  }
  store<u32>(Work.STATE, load<u32>(Work.STATE) + a);
  store<u32>(Work.STATE, load<u32>(Work.STATE, 4) + b, 4);
  store<u32>(Work.STATE, load<u32>(Work.STATE, 8) + c, 8);
  store<u32>(Work.STATE, load<u32>(Work.STATE, 12) + d, 12);
  store<u32>(Work.STATE, load<u32>(Work.STATE, 16) + e, 16);
  store<u32>(Work.STATE, load<u32>(Work.STATE, 20) + f, 20);
  store<u32>(Work.STATE, load<u32>(Work.STATE, 24) + g, 24);
  store<u32>(Work.STATE, load<u32>(Work.STATE, 28) + h, 28);
}

/** Whether two digests are equal; every byte is looked at, wherever the first difference is. */
export function sameDigest(a: usize, b: usize): bool {
  let difference: u64 = 0;
  for (let i: usize = 0; i < DIGEST_SIZE; i += 8) difference |= load<u64>(a + i) ^ load<u64>(b + i);
  return difference == 0;
}

/** The digest that 64 hexadecimal digits write, in either case; null when `text` is none. */
export function digestOf(text: string): StaticArray<u8> | null {
  if (text.length != 64) return null;
  const digest = new StaticArray<u8>(32);
  for (let i = 0; i < 64; i += 2) {
    const value = (hexDigit(text.charCodeAt(i)) << 4) | hexDigit(text.charCodeAt(i + 1));
    if (value < 0) return null;
    digest[i >> 1] = <u8>value;
  }
  return digest;
}
