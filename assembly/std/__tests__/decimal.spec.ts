import { Config } from "../config";
import { decimal, parseDecimal } from "../decimal";
import { sliceOfBytes } from "../slice";
import { utf8Bytes } from "../utf8";

function parsed(text: string): u32 {
  return parseDecimal(sliceOfBytes(utf8Bytes(text)));
}

/** What a number is told that is not within bounds. */
function told(min: f64, max: f64): string {
  const config = Config.parse("f", '{"a": true}');
  config.root.get("a").number(0, min, max);
  return config.problems[0];
}

describe("decimal", () => {
  it("writes numbers", () => {
    expect(decimal(0)).toBe("0");
    expect(decimal(-120)).toBe("-120");
    expect(decimal(i64.MAX_VALUE)).toBe("9223372036854775807");
  });

  it("reads the digits that a value begins with", () => {
    expect(parsed("200")).toBe(200);
    expect(parsed("0")).toBe(0);
    expect(parsed("")).toBe(0);
    expect(parsed("-1")).toBe(0);
    expect(parsed("12a")).toBe(12);
    expect(parsed("1234567890")).toBe(123456789);
  });

  it("shows bounds as they are written", () => {
    expect(told(0, 1)).toBe("f: a: expected a number from 0 to 1, found true");
    expect(told(-0.25, 1.5)).toBe("f: a: expected a number from -0.25 to 1.5, found true");
    expect(told(0.000000001, 100000.001)).toBe("f: a: expected a number from 0.000000001 to 100000.001, found true");
  });
});
