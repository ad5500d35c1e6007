import { byTrace, type Span, type SpanNode, spanTrees } from "../otlp/index.ts";
import type { LogView, SpanView, TraceView } from "./view.ts";

/** A line of an access log that has the ids of a span. */
export interface LookLog {
  /** `frontend ingress` */
  readonly where: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Traces with the log lines of the same trace, the newest first. */
export function traceViews(spans: readonly Span[], logs: readonly LookLog[], atMost: number): TraceView[] {
  const lines = new Map<string, LogView[]>();
  for (const { where, entry } of logs) {
    const id = String(entry.trace_id);
    lines.set(id, [...(lines.get(id) ?? []), { where, spanId: String(entry.span_id ?? ""), line: JSON.stringify(entry) }]);
  }
  const views = [...byTrace(spans)].map(([id, own]) => traceView(id, own, lines.get(id) ?? []));
  return views.sort((a, b) => b.start - a.start).slice(0, atMost);
}

function traceView(id: string, spans: readonly Span[], log: readonly LogView[]): TraceView {
  const start = [...spans].sort((a, b) => Number(a.start - b.start))[0]?.start ?? 0n;
  const rows = spanTrees(spans).flatMap(root => rowsOf(root, 0, start));
  const [first] = rows;
  const value = (name: string): string => rows.flatMap(row => row.attributes).find(([key]) => key === name)?.[1] ?? "";
  return {
    id,
    title: first?.name ?? "",
    start: Number(start / 1_000_000n),
    durationMs: Math.max(0, ...rows.map(({ offsetMs, durationMs }) => offsetMs + durationMs)),
    failed: rows.some(({ failed }) => failed),
    tenant: value("tenant.id"),
    user: value("user.id"),
    spans: rows,
    // In the order of the spans; a line is written when its request has ended, so the outermost comes last.
    log: [...log].sort((a, b) => indexOf(rows, a) - indexOf(rows, b)),
  };
}

const indexOf = (rows: readonly SpanView[], { spanId }: LogView): number => {
  const index = rows.findIndex(({ id }) => id === spanId);
  return index < 0 ? rows.length : index;
};

function rowsOf({ span, children }: SpanNode<Span>, depth: number, start: bigint): SpanView[] {
  const all = Object.entries(span.attributes).map(([name, value]) => [name, text(value)] as const);
  const own = {
    id: span.spanId,
    depth,
    service: span.service,
    kind: span.kind,
    name: span.name,
    offsetMs: Number(span.start - start) / 1e6,
    durationMs: span.durationMs,
    failed: span.status.code === "ERROR",
    attributes: all.filter(([name]) => !OF_ENVOY.test(name)),
    ofEnvoy: all.filter(([name]) => OF_ENVOY.test(name)),
  };
  return [own, ...children.flatMap(child => rowsOf(child, depth + 1, start))];
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part)) ?? "");

/** What Envoy's tracer puts on each span. */
const OF_ENVOY =
  /^(component|node_id|zone|guid:|http\.|url\.|downstream_cluster|user_agent|request_size|response_size|response_flags|upstream_|peer\.)/;
