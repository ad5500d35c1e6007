/**
 * Weighted choice by a key, the same wherever and whenever it is made: weighted rendezvous hashing. Each candidate draws a number
 * from the key and its own name, exponentially distributed with its weight as the rate, and the smallest wins. When one weight changes, keys
 * move only to or from that candidate, and no more of them than the weights ask for.
 */
import { Slice, sliceLength, slicePointer } from "./slice";

/** One that can be chosen. */
export class Candidate {
  /** Made of the name, so that neither order nor number of the candidates matters. */
  readonly seed: u64;

  constructor(
    name: Slice,
    /** Its share is its part of the sum of all; 0 is never chosen. */
    readonly weight: f64,
  ) {
    this.seed = hash64(name);
  }
}

/** The index of the candidate that `key`, a hash, falls to; -1 when no weight is above 0. */
export function choose(candidates: StaticArray<Candidate>, key: u64): i32 {
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < candidates.length; i++) {
    const candidate = unchecked(candidates[i]);
    if (!(candidate.weight > 0)) continue;
    const draw = exponential(mix(key ^ candidate.seed)) / candidate.weight;
    if (draw < least) {
      least = draw;
      best = i;
    }
  }
  return best;
}

/** -ln of a number above 0 and below 1 that the upper 52 bits of `bits` give. */
function exponential(bits: u64): f64 {
  return -NativeMath.log((<f64>(bits >> 12) + 0.5) * (1.0 / 4503599627370496.0));
}

/** A hash of bytes (FNV-1a with 64 bits, mixed). Not for secrets. */
export function hash64(bytes: Slice): u64 {
  let hash: u64 = 0xcbf29ce484222325;
  for (let at = slicePointer(bytes), end = at + sliceLength(bytes); at < end; at++) hash = (hash ^ <u64>load<u8>(at)) * 0x100000001b3;
  return mix(hash);
}

/** Spreads every bit over all others (the finalizer of splitmix64). */
function mix(bits: u64): u64 {
  let z = bits + 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
