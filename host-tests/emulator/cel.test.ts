import { describe, expect, it } from "vitest";
import { compile } from "../host/cel/index.ts";

// What expressions evaluate to is in the conformance transcript, next to the real Envoy.
describe("CEL", () => {
  it.each(["1 +", "(", "'open", "a b", "@", ""])("does not compile %j", source => {
    expect(compile(source)).toBeNull();
  });

  it.each([
    ["timestamp('2026-01-01T00:00:00Z')", /the CEL function timestamp/],
    ["[1].map(x, x)", /the CEL function map/],
    ["{'a': 1}", /map literals of CEL/],
  ])("refuses %s by name", (source, what) => {
    expect(() => compile(source)).toThrow(what);
  });
});
