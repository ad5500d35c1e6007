import { continued, PARENT_ID as P, type Rule, restarted, TRACE_ID as T, VALID } from "./rule.ts";

const IDS = `${T}-${P}`;

/** A rule about a single traceparent field. */
function one(name: string, spec: string, traceparent: string, expect: Rule["expect"]): Rule {
  return { name, spec, in: [["traceparent", traceparent]], expect };
}

const NAME = "traceparent, Header Name";
const FIELD = "traceparent, Header Field Values";
const VERSIONING = "Versioning of traceparent";
const FLAGS = "trace-flags";
const MODEL = "Processing Model, A traceparent is Received";

/** Rules about traceparent that the W3C's suite leaves out or touches in one form only. */
export const traceparentRules: Rule[] = [
  // Presence and repetition. RFC 9110 section 5.3: only list-based fields may be repeated.
  { name: "a request without traceparent starts a trace", spec: "Processing Model, No traceparent Received", in: [], expect: restarted },
  one("an empty traceparent starts a trace", MODEL, "", restarted),
  one("a blank traceparent starts a trace", MODEL, " \t ", restarted),
  ...(
    [
      ["two equal copies", [VALID, VALID]],
      ["a valid and an empty copy", [VALID, ""]],
      ["an empty and a valid copy", ["", VALID]],
      ["a valid and an invalid copy", [VALID, "00-x"]],
      ["three copies", [VALID, `00-${T}-aaaaaaaaaaaaaaaa-01`, `00-${T}-bbbbbbbbbbbbbbbb-01`]],
    ] as const
  ).map(
    ([what, copies]): Rule => ({
      name: `${what} of traceparent start a trace`,
      spec: "RFC 9110 section 5.3",
      in: copies.map(value => ["traceparent", value]),
      expect: restarted,
    }),
  ),
  {
    name: "copies of traceparent apart from each other and in different case start a trace",
    spec: "RFC 9110 section 5.3",
    in: [
      ["traceparent", VALID],
      ["x-between", "1"],
      ["TraceParent", VALID],
    ],
    expect: restarted,
  },
  one("copies that a proxy joined with a comma start a trace", "RFC 9110 section 5.3", `${VALID}, ${VALID}`, restarted),
  one("joined copies of a higher version start a trace", VERSIONING, `cc-${IDS}-01,cc-${IDS}-01`, restarted),
  { name: "the name counts in any case", spec: NAME, in: [["tRACEPARENT", VALID]], expect: continued() },
  one("white space around the value is not part of it", FIELD, `\t ${VALID} \t`, continued()),

  // Version 00.
  one("version 00 ends after the flags: a dash more starts a trace", VERSIONING, `${VALID}-`, restarted),
  one("version 00 ends after the flags: a field more starts a trace", VERSIONING, `${VALID}-00`, restarted),
  one("version 00 with one digit too few starts a trace", FIELD, VALID.slice(0, 54), restarted),
  one("upper-case hex in the trace id starts a trace", FIELD, `00-ABCDEF78901234567890123456789012-${P}-01`, restarted),
  one("one upper-case digit at the end of the trace id starts a trace", FIELD, `00-1234567890123456789012345678901A-${P}-01`, restarted),
  one("upper-case hex in the parent id starts a trace", "parent-id", `00-${T}-123456789012345F-01`, restarted),
  one("upper-case hex in the flags starts a trace", FIELD, `00-${IDS}-0A`, restarted),
  one("upper-case hex in the version starts a trace", FIELD, `0A-${IDS}-01`, restarted),
  ...["/", ":", "@", "G", "`", "g", "\u00e9"].map(
    (letter): Rule =>
      one(`${JSON.stringify(letter)} is no hex digit: starts a trace`, FIELD, `00-${letter}${T.slice(1)}-${P}-01`, restarted),
  ),
  one("a byte from 0x80 on in the parent id starts a trace", FIELD, `00-${T}-${P.slice(1)}\u00ff-01`, restarted),
  one("a hex digit in place of the first dash starts a trace", FIELD, `000${IDS}-01`, restarted),
  one("a hex digit in place of the second dash starts a trace", FIELD, `00-${T}0${P}-01`, restarted),
  one("a hex digit in place of the third dash starts a trace", FIELD, `00-${IDS}001`, restarted),
  one("other separators start a trace", FIELD, VALID.replaceAll("-", "_"), restarted),
  one("an all-zero trace id starts a trace", "trace-id", `00-${"0".repeat(32)}-${P}-01`, restarted),
  one("an all-zero parent id starts a trace", "parent-id", `00-${T}-${"0".repeat(16)}-01`, restarted),
  one("a trace id with one digit that is not zero is valid", "trace-id", `00-${"0".repeat(31)}1-${P}-01`, continued()),
  one("a trace id whose right half is zero is valid", "trace-id", `00-1${"0".repeat(31)}-${P}-01`, continued()),
  one("a parent id with one digit that is not zero is valid", "parent-id", `00-${T}-${"0".repeat(15)}1-01`, continued()),
  one("letters are hex digits too", FIELD, "00-abcdefabcdefabcdefabcdefabcdefab-abcdefabcdefabcd-01", continued()),

  // Flags: sampled is inherited, random travels with the trace id, the rest is reserved.
  ...[
    ["00", "00"],
    ["01", "01"],
    ["02", "02"],
    ["03", "03"],
    ["04", "00"],
    ["05", "01"],
    ["fc", "00"],
    ["fd", "01"],
    ["fe", "02"],
    ["ff", "03"],
  ].map(([given = "", kept = ""]): Rule => one(`flags ${given} become ${kept}`, FLAGS, `00-${IDS}-${given}`, continued(kept))),

  // Higher versions: read as 00, written as 00.
  one("a higher version with just the four fields is continued as 00", VERSIONING, `01-${IDS}-01`, continued()),
  one("version fe is a version", VERSIONING, `fe-${IDS}-01`, continued()),
  one("version ff is none, whatever follows", VERSIONING, `ff-${IDS}-01-more`, restarted),
  one("an upper-case version starts a trace", FIELD, `CC-${IDS}-01`, restarted),
  one("a higher version may end in a dash", VERSIONING, `cc-${IDS}-01-`, continued()),
  one("what follows the dash of a higher version is not read", VERSIONING, `cc-${IDS}-01-UPPER=,; \u00ff`, continued()),
  one("what follows may be long", VERSIONING, `cc-${IDS}-01-${"x".repeat(8000)}`, continued()),
  one("a higher version of 54 characters starts a trace", VERSIONING, `cc-${IDS}-0`, restarted),
  one("a higher version with a third digit of flags starts a trace", VERSIONING, `cc-${IDS}-011`, restarted),
  one("a higher version with a dot after the flags starts a trace", VERSIONING, `cc-${IDS}-01.`, restarted),
  one("a higher version with flags that are no hex starts a trace", VERSIONING, `cc-${IDS}-0g`, restarted),
  one("a higher version with an all-zero trace id starts a trace", VERSIONING, `cc-${"0".repeat(32)}-${P}-01`, restarted),
  one("a higher version with an all-zero parent id starts a trace", VERSIONING, `cc-${T}-${"0".repeat(16)}-01`, restarted),
  one("a higher version with upper-case ids starts a trace", VERSIONING, `cc-ABCDEF78901234567890123456789012-${P}-01`, restarted),
  one("a higher version with a long trace id starts a trace", VERSIONING, `cc-${T}0-${P}-01`, restarted),
  ...[
    ["00", "00"],
    ["02", "00"],
    ["03", "01"],
    ["fe", "00"],
    ["ff", "01"],
  ].map(
    ([given = "", kept = ""]): Rule =>
      one(`of a higher version's flags ${given} only sampled is known: ${kept}`, VERSIONING, `cc-${IDS}-${given}`, continued(kept)),
  ),
];
