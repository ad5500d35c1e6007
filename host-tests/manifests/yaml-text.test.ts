import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { yamlDocument, yamlText } from "../../scripts/envoy-config/index.ts";

const write = (value: unknown): string => yamlText(yamlDocument(value));

/** Texts that a reader of YAML 1.1 takes for something else, or refuses, when they are written as they are. */
const TRAPS = [
  ...[
    "on",
    "no",
    "y",
    "N",
    "TRUE",
    "~",
    "null",
    "1e3",
    "0o7",
    "017",
    "08",
    "0x1F",
    "0X1F",
    "0B1",
    "0O7",
    "-0o7",
    "0b1",
    "12:30:45",
    "190:20:30",
    "2001-01-01",
    "1_000",
  ],
  ...[
    "=",
    "<<",
    ".5",
    "5.",
    "+.inf",
    ".NaN",
    "-",
    "---",
    "...",
    "? a",
    ": b",
    "a: b",
    "a #b",
    "#x",
    "&a",
    "*a",
    "!t",
    "%x",
    "@x",
    "`x",
    "key:",
  ],
  ...[
    "'",
    '"',
    "{a",
    "[a",
    "]",
    "|",
    ">",
    " a",
    "a ",
    "a\tb",
    "\ta",
    "a\n",
    "a\nb",
    "\n",
    "\r",
    "a\r\nb",
    "\\n",
    "{{ .Values.x }}",
    "%REQ(x)%",
  ],
  ...["\u0000", "\u001b[0m", "\u007f", "\u0085", "a\u0085b", "\u009f", "a\u2028b", "\u2029", "\ufeffa", "\uffff", "é", "日本", "😀"],
];

describe("YAML that is written", () => {
  it("has every text as it was, also for a reader of 1.2", () => {
    for (const trap of TRAPS) {
      expect(parse(write({ a: trap }), { version: "1.1" })).toEqual({ a: trap });
      expect(parse(write([trap]))).toEqual([trap]);
    }
  });

  it("has nothing in it that YAML 1.1 does not print, or breaks lines at", () => {
    const text = write(TRAPS);
    expect(
      [...text].filter(each => !/^[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]$/u.test(each)),
    ).toEqual([]);
    expect(write({ a: "x\u007f\u0085" })).toBe('a: "x\\u007f\\u0085"\n');
  });

  it("quotes numbers of Go, which Kubernetes reads", () => {
    expect(write(["0X1F", "-0B1", "0O7", "0x1f-a"])).toBe('- "0X1F"\n- "-0B1"\n- "0O7"\n- 0x1f-a\n');
  });

  it("has U+FFFD for a half of a character, which no reader of UTF-8 takes", () => {
    expect(write(["\ud800", "a\udc00b"])).toBe("- \ufffd\n- a\ufffdb\n");
  });
});
