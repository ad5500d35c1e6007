import { continued, type Field, type Outcome, PARENT_ID, type Rule, restarted, TRACE_ID, VALID } from "./rule.ts";

const KEY = "tracestate, Key";
const VALUE = "tracestate, Value";
const FIELDS = "tracestate Header Field Values";
const MODEL = "Processing Model";

/** A rule about tracestate fields beside a valid traceparent. */
function beside(name: string, spec: string, tracestate: string[], expected: string[]): Rule {
  return { name, spec, in: [["traceparent", VALID], ...fields(tracestate)], expect: continued("01", expected) };
}

/** One tracestate field that is passed on as it is. */
function kept(name: string, spec: string, tracestate: string): Rule {
  return beside(name, spec, [tracestate], tracestate.split(","));
}

/** A bad member takes the whole tracestate with it, a good neighbour too, and leaves traceparent alone. */
function dropped(name: string, spec: string, member: string): Rule {
  return beside(`${name}: the whole tracestate is dropped, traceparent stays`, spec, [`good=1,${member}`], []);
}

function fields(values: string[]): Field[] {
  return values.map(value => ["tracestate", value]);
}

function members(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `m${from + i}=${from + i}`);
}

const withoutTrace = (name: string, traceparents: string[], expect: Outcome = restarted): Rule => ({
  name,
  spec: MODEL,
  in: [...traceparents.map((value): Field => ["traceparent", value]), ...fields(["a=1", "b=2"])],
  expect,
});

/** Rules about tracestate that the W3C's suite leaves out or touches in one form only. */
export const tracestateRules: Rule[] = [
  // A tracestate belongs to its traceparent.
  withoutTrace("tracestate without traceparent is dropped, all its fields", []),
  withoutTrace("tracestate beside an invalid traceparent is dropped", [`00-${"0".repeat(32)}-${PARENT_ID}-01`]),
  withoutTrace("tracestate beside version ff is dropped", [`ff-${TRACE_ID}-${PARENT_ID}-01`]),
  withoutTrace("tracestate beside an empty traceparent is dropped", [""]),
  withoutTrace("tracestate beside two equal traceparents is dropped", [VALID, VALID]),
  withoutTrace("tracestate beside a higher version stays", [`cc-${TRACE_ID}-${PARENT_ID}-01-x`], continued("01", ["a=1", "b=2"])),

  // Keys.
  kept("a key may start with a digit", KEY, "0a=1,9=2,4z@v=3"),
  kept("a key of one letter", KEY, "a=1"),
  kept("a key may end in @", KEY, "foo@=1,bar=2"),
  kept("a key may hold several @", KEY, "foo@@bar=1,a@b@c=2"),
  kept("a key may hold _ - * / behind its first character", KEY, "a_-*/=1"),
  kept("a tenant before @ may be long and a system too", KEY, `${"t".repeat(250)}@${"s".repeat(5)}=1`),
  dropped("an empty key", KEY, "=1"),
  dropped("a key that starts with _", KEY, "_a=1"),
  dropped("a key that starts with -", KEY, "-a=1"),
  dropped("a key that starts with *", KEY, "*a=1"),
  dropped("a key that starts with /", KEY, "/a=1"),
  dropped("a key that starts with @", KEY, "@a=1"),
  dropped("an upper-case letter inside a key", KEY, "aBc=1"),
  dropped("a plus in a key", KEY, "a+b=1"),
  dropped("a tab before =", KEY, "a\t=1"),
  dropped("a byte from 0x80 on in a key", KEY, "a\u00e9=1"),
  dropped("a key of 257 characters", KEY, `${"k".repeat(257)}=1`),
  dropped("a member without =", FIELDS, "lonely"),

  // Values.
  kept("blanks before and inside a value belong to it", VALUE, "a=  x  y,b=1"),
  kept("a value of 256 characters", VALUE, `a=${"v".repeat(256)}`),
  kept("a value of 256 characters of which the first are blank", VALUE, `a=${" ".repeat(255)}v`),
  beside("trailing blanks and tabs are not part of a value", VALUE, [`a=${"v".repeat(256)} \t ,b=2 `], [`a=${"v".repeat(256)}`, "b=2"]),
  kept("a value may hold quotes, semicolons and backslashes", VALUE, 'a="x;y\\z"'),
  kept("the first and the last printable character", VALUE, "a=!~"),
  dropped("an empty value", VALUE, "a="),
  dropped("a value of blanks only", VALUE, "a=   "),
  dropped("a second = in a value", VALUE, "a=b=c"),
  dropped("a tab before a value", VALUE, "a=\tb"),
  dropped("a tab inside a value", VALUE, "a=b\tc"),
  dropped("a byte from 0x80 on in a value", VALUE, "a=\u00e9"),
  dropped("a value of 257 characters", VALUE, `a=${"v".repeat(257)}`),

  // Lists.
  beside("empty members are legal", FIELDS, ["a=1,,b=2"], ["a=1", "b=2"]),
  beside("empty members at both ends are legal", FIELDS, [",a=1,b=2,"], ["a=1", "b=2"]),
  beside("blank members are legal", FIELDS, [" , \t,a=1, ,b=2"], ["a=1", "b=2"]),
  beside("white space around members is not part of them", FIELDS, [" a=1 \t,\t b=2\t"], ["a=1", "b=2"]),
  beside("an empty tracestate is not sent on", FIELDS, [""], []),
  beside("a tracestate of empty members is not sent on", FIELDS, [", ,\t,"], []),
  beside("several empty tracestate fields are not sent on", FIELDS, ["", ""], []),
  beside("several fields become one, in order", FIELDS, ["a=1", "b=2,c=3", "d=4"], ["a=1", "b=2", "c=3", "d=4"]),
  beside("an empty field among several is legal", FIELDS, ["a=1", "", "b=2"], ["a=1", "b=2"]),
  {
    name: "fields apart from each other and in different case are one list",
    spec: FIELDS,
    in: [
      ["TraceState", "a=1"],
      ["traceparent", VALID],
      ["tracestate", "b=2"],
      ["x-between", "1"],
      ["TRACESTATE", "c=3"],
    ],
    expect: continued("01", ["a=1", "b=2", "c=3"]),
  },
  kept("the order of members is kept", "Mutating the tracestate Field", "z=1,a=2,m=3,0=4"),
  kept("32 members", FIELDS, members(1, 32).join(",")),
  beside("32 members in two fields", FIELDS, [members(1, 16).join(","), members(17, 16).join(",")], members(1, 32)),
  beside("33 members are too many: the whole tracestate is dropped", FIELDS, [members(1, 33).join(",")], []),
  beside("members are counted after joining: 17 and 16 are too many", FIELDS, [members(1, 17).join(","), members(18, 16).join(",")], []),
  beside("a bad member in the second field drops the first too", FIELDS, ["a=1", "B=2"], []),
  beside("a bad member in the first field drops the second too", FIELDS, ["A=1", "b=2"], []),
  kept("512 characters", "tracestate Limits", `a=${"1".repeat(252)},b=${"2".repeat(255)}`),
  kept(
    "more than 512 characters are passed on whole",
    "tracestate Limits",
    [...Array(32).keys()].map(i => `k${i}=${"v".repeat(128)}`).join(","),
  ),
  beside("a tracestate that cannot be read does not touch traceparent", "Tracestate Header", ["\u00ff\u00fe"], []),
  {
    name: "trace-state is another header",
    spec: "tracestate, Header Name",
    in: [
      ["traceparent", VALID],
      ["trace-state", "a=1"],
    ],
    expect: continued(),
  },
];
