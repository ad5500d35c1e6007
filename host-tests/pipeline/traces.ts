import { createHash } from "node:crypto";

/** What kind of trace one is, for a tail sampler. */
export type TraceKind = "failed" | "slow" | "critical" | "plain";

export interface Trace {
  readonly id: string;
  readonly kind: TraceKind;
  /** A root, and a child by which alone the trace is what it is. */
  readonly spans: readonly [object, object];
}

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;
const MILLISECOND = 1_000_000n;

/** Traces of 20 ms, of every hundred five with a failed span, five that take over a second, three with a critical service; the same ones each time. */
export function makeTraces(count: number, now: bigint): Trace[] {
  return Array.from({ length: count }, (_, n) => {
    const id = digits(`trace ${n}`, 32);
    const kind = kindOf(n % 100);
    const start = now - 5_000n * MILLISECOND;
    const end = start + (kind === "slow" ? 1_100n : 20n) * MILLISECOND;
    const root = span(id, digits(`root ${n}`, 16), "", SERVER, start, start + 20n * MILLISECOND);
    const child = span(id, digits(`child ${n}`, 16), digits(`root ${n}`, 16), CLIENT, start, end);
    return { id, kind, spans: [root, kind === "failed" ? { ...child, status: { code: ERROR } } : child] };
  });
}

/** Spans of one service as an OTLP request in JSON. */
export function otlpRequest(service: string, spans: readonly object[]): string {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: service } }] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

function kindOf(n: number): TraceKind {
  if (n < 5) return "failed";
  if (n < 10) return "slow";
  return n < 13 ? "critical" : "plain";
}

function span(traceId: string, spanId: string, parentSpanId: string, kind: number, start: bigint, end: bigint): object {
  return { traceId, spanId, parentSpanId, kind, name: "GET", startTimeUnixNano: `${start}`, endTimeUnixNano: `${end}` };
}

const digits = (seed: string, length: number): string => createHash("sha256").update(seed).digest("hex").slice(0, length);
