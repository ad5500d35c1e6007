import type { BaggageOutcome, Field, Rule } from "./rule.ts";

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Compares what arrived upstream with what the rule demands and returns each difference as a sentence; none means that the rule holds.
 * White space around tracestate and baggage members and empty members do not count: the specifications leave them to the sender.
 */
export function violations(rule: Rule, sent: readonly Field[]): string[] {
  const found: string[] = [];
  const traceparents = values(sent, "traceparent");
  const tracestates = values(sent, "tracestate");
  if (traceparents.length !== 1) return [`expected one traceparent, got ${traceparents.length}: ${JSON.stringify(traceparents)}`];
  const [, traceId = "", parentId = "", flags = ""] = TRACEPARENT.exec(traceparents[0] as string) ?? [];
  if (!traceId) return [`expected a traceparent of version 00, got ${JSON.stringify(traceparents[0])}`];
  if (/^0+$/.test(traceId)) found.push("the trace id is all zero");
  if (/^0+$/.test(parentId)) found.push("the parent id is all zero");
  const received = values(rule.in, "traceparent").join(" ").toLowerCase();
  if (received.includes(parentId)) found.push(`expected a new parent id, got the received ${parentId}`);

  if (rule.expect.trace === "restarted") {
    if (received.includes(traceId)) found.push(`expected a new trace, got the received trace id ${traceId}`);
    if (flags !== "03") found.push(`expected flags 03 of a new trace, got ${flags}`);
    if (tracestates.length > 0) found.push(`expected no tracestate in a new trace, got ${JSON.stringify(tracestates)}`);
  } else {
    if (!received.includes(traceId)) found.push(`expected the received trace id, got ${traceId}`);
    if (flags !== rule.expect.flags) found.push(`expected flags ${rule.expect.flags}, got ${flags}`);
    found.push(...tracestateViolations(rule.expect.tracestate, tracestates));
  }
  if (rule.expect.baggage) found.push(...baggageViolations(rule.expect.baggage, values(sent, "baggage")));
  return found;
}

function tracestateViolations(expected: string[], sent: string[]): string[] {
  if (expected.length === 0) return sent.length === 0 ? [] : [`expected no tracestate, got ${JSON.stringify(sent)}`];
  if (sent.length !== 1) return [`expected one tracestate field, got ${sent.length}: ${JSON.stringify(sent)}`];
  const members = membersOf(sent[0] as string);
  return same(members, expected) ? [] : [`expected tracestate ${JSON.stringify(expected)}, got ${JSON.stringify(members)}`];
}

function baggageViolations({ members: expected, orMore }: BaggageOutcome, sent: string[]): string[] {
  const members = membersOf(sent.join(",")).map(canonicalBaggage);
  const compared = orMore ? members.slice(0, expected.length) : members;
  if (!same(compared, expected)) return [`expected baggage ${JSON.stringify(expected)}, got ${JSON.stringify(members)}`];
  return expected.length === 0 && sent.length > 0 ? ["expected no baggage header, got an empty one"] : [];
}

/** `a = 1 ; p` and `a=1;p` are the same member: white space around `=` and `;` belongs to neither side. */
function canonicalBaggage(member: string): string {
  return member.replace(/[ \t]*([=;])[ \t]*/g, "$1");
}

/** Members without surrounding white space, empty ones left out. */
function membersOf(list: string): string[] {
  return list
    .split(",")
    .map(member => member.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter(member => member !== "");
}

function values(fields: readonly Field[], name: string): string[] {
  return fields.filter(([candidate]) => candidate.toLowerCase() === name).map(([, value]) => value);
}

function same(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
