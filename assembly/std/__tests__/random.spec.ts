import { Random } from "../random";

describe("random", () => {
  // The numbers come from a second implementation of xoshiro256++, in arbitrary precision, which is no part of this project.
  it("is xoshiro256++: the seed 1, 2, 3, 4 gives its numbers", () => {
    const random = new Random(1, 2, 3, 4);
    const expected: u64[] = [
      0x0000000002800001, 0x0000000003800067, 0x000cc00003800067, 0x000cc201994400b2, 0x8012a2019ac433cd, 0x8a69978acdee33ba,
      0xc271134733154abd, 0xac2ba09179169e97,
    ];
    for (let i = 0; i < expected.length; i++) expect(random.next()).toBe(expected[i]);
    for (let i = expected.length; i < 999; i++) random.next();
    expect(random.next()).toBe(0x0e82dbfdabb0d354);
  });

  it("wraps around without a fault when every bit of the seed is set", () => {
    const random = new Random(u64.MAX_VALUE, u64.MAX_VALUE, u64.MAX_VALUE, u64.MAX_VALUE);
    expect(random.next()).toBe(0xffffffffff7ffffe);
    expect(random.next()).toBe(0xfffffffffffffffe);
    expect(random.next()).toBe(0xffffffffffffffff);
    for (let i = 3; i < 999; i++) random.next();
    expect(random.next()).toBe(0x4694aed879763824);
  });

  it("replaces a seed of zeros, which would give zeros for ever", () => {
    const random = new Random(0, 0, 0, 0);
    expect(random.next()).toBe(0xdcbfa53e0acf1bbc);
    expect(random.next()).toBe(0x5e6eba8f7ec1592b);
    for (let i = 2; i < 999; i++) random.next();
    expect(random.next()).toBe(0xc3ccc172c96957d0);
  });

  it("keeps a seed with a single bit", () => {
    const a = new Random(1, 0, 0, 0);
    const b = new Random(0, 1, 0, 0);
    const c = new Random(0, 0, 1, 0);
    const d = new Random(0, 0, 0, 1);
    expect(a.next()).toBe((1 << 23) + 1);
    expect(b.next()).toBe(0);
    expect(c.next()).toBe(0);
    expect(d.next()).toBe(1 << 23);
  });

  it("leaves 0 out where an id is asked for", () => {
    const random = new Random(0, 1, 0, 0);
    expect(random.nextId()).toBe(0x0000000000800011);
    expect(random.nextId()).toBe(0x0002200000000020);
  });

  it("repeats no id and gives no 0 in 10,000", () => {
    const random = new Random(0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89);
    const seen = new Set<u64>();
    for (let i = 0; i < 10_000; i++) seen.add(random.nextId());
    expect(seen.size).toBe(10_000);
    expect(seen.has(0)).toBe(false);
  });

  it("sets and clears every bit", () => {
    const random = new Random(0, 0, 0, 7);
    let ever: u64 = 0;
    let always: u64 = u64.MAX_VALUE;
    for (let i = 0; i < 1000; i++) {
      const id = random.next();
      ever |= id;
      always &= id;
    }
    expect(ever).toBe(u64.MAX_VALUE);
    expect(always).toBe(0);
  });
});
