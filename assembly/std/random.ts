/**
 * A generator of ids: xoshiro256++ (Blackman and Vigna, 2019), 256 bits of state. Not for secrets.
 * Whoever uses it seeds it with 32 bytes from the host; an all-zero seed, which would stay zero for ever, is replaced.
 */
export class Random {
  private a: u64 = 0;
  private b: u64 = 0;
  private c: u64 = 0;
  private d: u64 = 0;

  constructor(seedA: u64, seedB: u64, seedC: u64, seedD: u64) {
    this.a = seedA;
    this.b = seedB;
    this.c = seedC;
    this.d = (seedA | seedB | seedC | seedD) == 0 ? 0x9e3779b97f4a7c15 : seedD;
  }

  /** The next 64 bits. */
  next(): u64 {
    const a = this.a;
    let b = this.b;
    let c = this.c ^ a;
    const d = this.d ^ b;
    const result = rotl<u64>(a + this.d, 23) + a;
    this.a = a ^ d;
    const shifted = b << 17;
    b ^= c;
    c ^= shifted;
    this.b = b;
    this.c = c;
    this.d = rotl<u64>(d, 45);
    return result;
  }

  /** The next 64 bits that are not all zero, as an id must be. */
  nextId(): u64 {
    let id = this.next();
    while (id == 0) id = this.next();
    return id;
  }
}
