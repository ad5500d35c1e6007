import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const GUIDE = "docs/testing.md";
const FENCE = /^```ts (\S+)\n([\s\S]*?)^```$/gm;
const blocks = [...readFileSync(GUIDE, "utf8").matchAll(FENCE)].map(([, file = "", code = ""], index) => ({
  file,
  code,
  number: index + 1,
}));

/** The guide shows the inside of a test, further to the left. */
const unindented = (code: string): string => code.replace(/^ +/gm, "");

describe(GUIDE, () => {
  it("shows code", () => {
    expect(blocks.length).toBeGreaterThan(5);
  });

  it.each(blocks)("block $number is part of $file, which is a test", ({ file, code }) => {
    expect(file).toMatch(/\.test\.ts$/);
    expect(unindented(readFileSync(file, "utf8"))).toContain(unindented(code));
  });
});
