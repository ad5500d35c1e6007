import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aboveBudget, type Budget, readBudget, updated, writeBudget } from "../../scripts/bench/budget.ts";

const BUDGET: Budget = {
  envoy: "1.40.0",
  config: { a: 1 },
  instructions: { hit: 40_000 },
  hostcalls: { hit: 6 },
  allocations: { hit: 1 },
  size: { bytes: 30_000, withoutCustom: 20_000 },
};
const CROSSINGS = { hit: { hostcalls: 6, allocations: 1, callbacks: 1 } };

describe("a budget", () => {
  it("holds what is not above it by more than 2 %", () => {
    const size = { bytes: 30_100, withoutCustom: 19_000 };
    expect(aboveBudget(BUDGET, { instructions: { hit: 40_700 }, crossings: CROSSINGS, size })).toEqual([]);
  });

  it("names each figure that is above it", () => {
    const crossings = { hit: { hostcalls: 7, allocations: 2, callbacks: 1 } };
    const lines = aboveBudget(BUDGET, { instructions: { hit: 41_000 }, crossings, size: { bytes: 31_000, withoutCustom: 20_000 } });
    expect(lines).toEqual([
      "instructions, hit: found 41000, budget 40000 (+2.5 %)",
      "hostcalls, hit: found 7, budget 6 (+16.7 %)",
      "allocations, hit: found 2, budget 1 (+100.0 %)",
      "bytes: found 31000, budget 30000 (+3.3 %)",
    ]);
  });

  it("without a figure for what was measured does not pass for one that holds", () => {
    expect(aboveBudget(BUDGET, { instructions: { many: 50_000 } })).toEqual([
      "instructions, many: 50000, and the budget has no figure for it",
    ]);
  });

  it("changes by an update only where 2 % are exceeded, also downwards, and by any hostcall", () => {
    const crossings = { hit: { hostcalls: 5, allocations: 1, callbacks: 1 } };
    const measured = { instructions: { hit: 40_500, miss: 30_000 }, crossings, size: { bytes: 28_000, withoutCustom: 19_900 } };
    expect(updated(BUDGET, measured, "1.40.0", BUDGET.config)).toEqual({
      ...BUDGET,
      instructions: { hit: 40_000, miss: 30_000 },
      hostcalls: { hit: 5 },
      size: { bytes: 28_000, withoutCustom: 20_000 },
    });
    expect(BUDGET.instructions).toEqual({ hit: 40_000 });
  });

  it("is made where there is none", () => {
    const measured = { instructions: { hit: 1 }, crossings: CROSSINGS, size: { bytes: 2, withoutCustom: 1 } };
    expect(updated(null, measured, "1.40.0", undefined)).toEqual({
      envoy: "1.40.0",
      instructions: { hit: 1 },
      hostcalls: { hit: 6 },
      allocations: { hit: 1 },
      size: { bytes: 2, withoutCustom: 1 },
    });
  });
});

describe("a budget's file", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "meshwright-budgets-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is read as it was written, and absent is none", async () => {
    await writeBudget(join(folder, "a.json"), BUDGET);
    expect(await readBudget(join(folder, "a.json"))).toEqual(BUDGET);
    expect(await readFile(join(folder, "a.json"), "utf8")).toMatch(/\n$/);
    expect(await readBudget(join(folder, "b.json"))).toBeNull();
  });

  it("that is broken is named", async () => {
    await writeFile(join(folder, "c.json"), "{");
    await expect(readBudget(join(folder, "c.json"))).rejects.toThrow(/c\.json is not JSON.*--update/);
  });
});
