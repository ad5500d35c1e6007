import { continued, type Field, type Rule, restarted, VALID } from "./rule.ts";

const DEFINITION = "W3C Baggage, Definition";
const LIMITS = "W3C Baggage, Limits";

function baggage(name: string, spec: string, sent: string[], members: string[], orMore = false): Rule {
  const fields = sent.map((value): Field => ["baggage", value]);
  return { name, spec, in: [["traceparent", VALID], ...fields], expect: { ...continued(), baggage: { members, orMore } } };
}

function list(count: number, value = "v"): string[] {
  return Array.from({ length: count }, (_, i) => `key${i}=${value}`);
}

/** Rules of W3C Baggage for a participant that passes it on. */
export const baggageRules: Rule[] = [
  {
    name: "baggage does not need a trace",
    spec: DEFINITION,
    in: [["baggage", "a=1"]],
    expect: { ...restarted, baggage: { members: ["a=1"] } },
  },
  {
    name: "baggage survives an invalid traceparent",
    spec: DEFINITION,
    in: [
      ["traceparent", "ff-x"],
      ["baggage", "a=1,b=2"],
    ],
    expect: { ...restarted, baggage: { members: ["a=1", "b=2"] } },
  },
  {
    name: "baggage survives a dropped tracestate",
    spec: DEFINITION,
    in: [
      ["traceparent", VALID],
      ["tracestate", "BAD"],
      ["baggage", "a=1"],
    ],
    expect: { ...continued(), baggage: { members: ["a=1"] } },
  },
  baggage(
    "values, properties and their bytes are kept",
    DEFINITION,
    ["userId=Am%C3%A9lie;p1;p2=x%20y,b=2"],
    ["userId=Am%C3%A9lie;p1;p2=x%20y", "b=2"],
  ),
  baggage("percent signs are neither decoded nor encoded again", DEFINITION, ["a=%2C%3D%25"], ["a=%2C%3D%25"]),
  baggage("a key is a token in any case", DEFINITION, ["A!#$%&'*+-.^_`|~9z=1"], ["A!#$%&'*+-.^_`|~9z=1"]),
  baggage("a value may hold =", DEFINITION, ["a=b=c=="], ["a=b=c=="]),
  baggage("a value may be empty", DEFINITION, ["a=,b=2"], ["a=", "b=2"]),
  baggage("white space around , = and ; is not part of anything", DEFINITION, [" a \t= 1 ;\tp = q , b=2 "], ["a=1;p=q", "b=2"]),
  baggage("equal keys stay, in order", DEFINITION, ["a=1,b=2,a=3"], ["a=1", "b=2", "a=3"]),
  baggage("several fields are one list, in order", DEFINITION, ["a=1", "b=2,c=3"], ["a=1", "b=2", "c=3"]),
  baggage("64 members are passed on", LIMITS, [list(64).join(",")], list(64)),
  baggage("64 members in two fields are passed on", LIMITS, [list(32).join(","), list(32).join(",")], [...list(32), ...list(32)]),
  baggage("8192 bytes are passed on", LIMITS, [`a=${"x".repeat(8190)}`], [`a=${"x".repeat(8190)}`]),
  baggage("of more members at least the first 64 are passed on", LIMITS, [list(200).join(",")], list(64), true),
  baggage("a member without = does not take its neighbours along", DEFINITION, ["a=1,lonely,b=2"], ["a=1", "b=2"]),
  baggage("a member without a key does not take its neighbours along", DEFINITION, ["a=1,=x,b=2"], ["a=1", "b=2"]),
  baggage("a quote or a backslash in a value drops the member", DEFINITION, ['a=1,q="x",r=\\,b=2'], ["a=1", "b=2"]),
  baggage("a byte from 0x80 on drops the member", DEFINITION, ["a=1,u=\u00e9,b=2"], ["a=1", "b=2"]),
  baggage("a blank inside a value drops the member", DEFINITION, ["a=1,u=x y,b=2"], ["a=1", "b=2"]),
  baggage("an empty baggage is not sent on", DEFINITION, [""], []),
];
