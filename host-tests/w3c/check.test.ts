import { describe, expect, it } from "vitest";
import { violations } from "./check.ts";
import { continued, type Field, type Rule, restarted, TRACE_ID, VALID } from "./rule.ts";
import { rules } from "./rules.ts";
import { parseResult } from "./suite.ts";

const NEW_PARENT = `00-${TRACE_ID}-aaaaaaaaaaaaaaaa-01`;
const NEW_TRACE = "00-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-aaaaaaaaaaaaaaaa-03";

function rule(expect: Rule["expect"], ...fields: Field[]): Rule {
  return { name: "a rule", spec: "-", in: [["traceparent", VALID], ...fields], expect };
}

describe("the W3C rules", () => {
  it("have different names", () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });

  it("none holds when the request is passed on unchanged", () => {
    expect(rules.filter(each => violations(each, each.in).length === 0)).toEqual([]);
  });
});

describe("violations", () => {
  it("accepts a renewed parent id with tracestate in other white space", () => {
    const sent: Field[] = [
      ["traceparent", NEW_PARENT],
      ["tracestate", "a=1 ,,b=2"],
    ];
    expect(violations(rule(continued("01", ["a=1", "b=2"])), sent)).toEqual([]);
  });

  it("accepts a new trace", () => {
    expect(violations(rule(restarted), [["traceparent", NEW_TRACE]])).toEqual([]);
  });

  it.each<[string, Rule["expect"], Field[]]>([
    ["no traceparent", restarted, []],
    [
      "a second traceparent",
      continued(),
      [
        ["traceparent", NEW_PARENT],
        ["TraceParent", NEW_PARENT],
      ],
    ],
    ["an old parent id", continued(), [["traceparent", VALID]]],
    ["another version", continued(), [["traceparent", `cc-${TRACE_ID}-aaaaaaaaaaaaaaaa-01`]]],
    ["other flags", continued("00"), [["traceparent", NEW_PARENT]]],
    ["a zero parent id", continued(), [["traceparent", `00-${TRACE_ID}-0000000000000000-01`]]],
    ["the old trace id in a new trace", restarted, [["traceparent", `00-${TRACE_ID}-aaaaaaaaaaaaaaaa-03`]]],
    ["a new trace id in an old trace", continued(), [["traceparent", NEW_TRACE.replace(/03$/, "01")]]],
    ["an unsampled new trace", restarted, [["traceparent", NEW_TRACE.replace(/03$/, "02")]]],
    [
      "a tracestate in a new trace",
      restarted,
      [
        ["traceparent", NEW_TRACE],
        ["tracestate", "a=1"],
      ],
    ],
    [
      "an empty tracestate",
      continued(),
      [
        ["traceparent", NEW_PARENT],
        ["tracestate", ""],
      ],
    ],
    ["a lost tracestate", continued("01", ["a=1"]), [["traceparent", NEW_PARENT]]],
    [
      "a tracestate in two fields",
      continued("01", ["a=1", "b=2"]),
      [
        ["traceparent", NEW_PARENT],
        ["tracestate", "a=1"],
        ["tracestate", "b=2"],
      ],
    ],
    [
      "members in another order",
      continued("01", ["a=1", "b=2"]),
      [
        ["traceparent", NEW_PARENT],
        ["tracestate", "b=2,a=1"],
      ],
    ],
    [
      "a lost blank before a value",
      continued("01", ["a= 1"]),
      [
        ["traceparent", NEW_PARENT],
        ["tracestate", "a=1"],
      ],
    ],
    ["a lost baggage member", { ...continued(), baggage: { members: ["a=1"] } }, [["traceparent", NEW_PARENT]]],
    [
      "a baggage member too many",
      { ...continued(), baggage: { members: [] } },
      [
        ["traceparent", NEW_PARENT],
        ["baggage", "a=1"],
      ],
    ],
  ])("finds %s", (_, expected, sent) => {
    expect(violations(rule(expected), sent)).toHaveLength(1);
  });
});

describe("the suite's report", () => {
  it("is read into a count and the failed tests with their reasons", () => {
    const line = (character: string): string => character.repeat(70);
    const output = [
      "test_a (__main__.TraceContextTest.test_a)",
      "harness sends a request ... ok",
      line("="),
      "FAIL: test_b (__main__.TraceContextTest.test_b)",
      "harness sends another request",
      line("-"),
      "Traceback (most recent call last):",
      '  File "test.py", line 1, in test_b',
      "    self.assertEqual(1, 2)",
      "AssertionError: 1 != 2",
      "",
      line("-"),
      "Ran 2 tests in 0.100s",
      "",
      "FAILED (failures=1)",
    ].join("\n");
    expect(parseResult(output)).toMatchObject({ total: 2, skipped: 0, failures: [{ test: "test_b", reason: "AssertionError: 1 != 2" }] });
  });

  it("is an error when the suite did not finish", () => {
    expect(() => parseResult("OSError: address in use")).toThrow("the suite did not finish; its last lines:\nOSError: address in use");
  });
});
