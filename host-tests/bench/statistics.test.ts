import { describe, expect, it } from "vitest";
import { overheads } from "../../scripts/bench/sidecar.ts";
import { median, pairedRatio, quantile, spreadOf } from "../../scripts/bench/statistics.ts";

describe("the bench's statistics", () => {
  it("take the middle, also of an even number", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20);
    expect(() => median([])).toThrow(/no values/);
  });

  it("compare two costs above their base round by round, so that what disturbs a round disturbs the ratio of none", () => {
    // In the second round everything took twice as long.
    const ratio = pairedRatio([30, 60, 30], [20, 40, 20], [10, 20, 10]);
    expect(ratio).toEqual({ median: 2, low: 2, high: 2 });
  });

  it("leave out rounds whose reference drowned in noise", () => {
    expect(pairedRatio([30, 30], [20, 9], [10, 10])?.median).toBe(2);
    expect(pairedRatio([30], [10], [10])).toBeNull();
    expect(pairedRatio([30, 30], [20], [10])?.median).toBe(2);
  });

  it("say how far the rounds lie apart", () => {
    expect(spreadOf([1, 2, 3, 4, 5])).toEqual({ median: 3, low: 2, high: 4 });
  });
});

describe("the bench's overhead of a sidecar", () => {
  const round = (requestsPerSecond: number, p99: number, cpuMicroseconds: number) => ({ requestsPerSecond, p50: 1, p99, cpuMicroseconds });

  it("compares each round with the one without filters beside it", () => {
    const without = [round(1_000, 2, 50), round(500, 4, 100)];
    const filtered = [round(800, 3, 60), round(400, 6, 120)];
    const load = overheads("wrk", [without, filtered], [{ label: "it" }], true);
    expect(load.without.requestsPerSecond).toBe(750);
    expect(load.filters[0]?.throughput?.median).toBeCloseTo(1.25);
    expect(load.filters[0]?.p99.median).toBeCloseTo(1.5);
    expect(load.filters[0]?.cpu.median).toBeCloseTo(1.2);
  });

  it("says nothing of throughput at a given rate", () => {
    const load = overheads("h2load", [[round(1_000, 2, 50)], [round(1_000, 2, 55)]], [{ label: "it" }], false);
    expect(load.filters[0]?.throughput).toBeNull();
  });
});
