/** One header field, as it stands on the wire; bytes from 0x80 on as latin1. */
export type Field = [name: string, value: string];

/** What must become of the trace. */
export type Outcome =
  /** A new trace: new ids, flags 03, tracestate removed. */
  | { trace: "restarted" }
  /** The same trace id under a new parent-id, version 00, these flags, these tracestate members. */
  | { trace: "continued"; flags: string; tracestate: string[] };

export interface BaggageOutcome {
  /** Members that must arrive, in this order, without the optional white space around them. */
  members: string[];
  /** Whether other members may arrive too; false means exactly these. */
  orMore?: boolean;
}

/** A request that comes in, and what a participant that renews the parent-id must send on. */
export interface Rule {
  name: string;
  /** The section of W3C Trace Context level 2 (or of W3C Baggage) that says so. */
  spec: string;
  in: Field[];
  expect: Outcome & { baggage?: BaggageOutcome };
}

/** The ids that the rules use when they do not matter. */
export const TRACE_ID = "12345678901234567890123456789012";
export const PARENT_ID = "1234567890123456";
export const VALID = `00-${TRACE_ID}-${PARENT_ID}-01`;

export const restarted: Outcome = { trace: "restarted" };

export function continued(flags = "01", tracestate: string[] = []): Outcome {
  return { trace: "continued", flags, tracestate };
}
