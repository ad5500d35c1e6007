import { readFile } from "node:fs/promises";
import type { SpanKind } from "../../scripts/otlp/index.ts";

/** A span as the Collector's file exporter writes it. */
export interface WrittenSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** "" for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly failed: boolean;
  /** Nanoseconds since 1970. */
  readonly start: bigint;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  /** `service.name` of the resource. */
  readonly service: string;
}

interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name?: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: JsonAttribute[];
  status?: { code?: number };
}

export interface JsonAttribute {
  key: string;
  value: Record<string, unknown>;
}

interface JsonRequest {
  resourceSpans?: { resource?: { attributes?: JsonAttribute[] }; scopeSpans?: { spans?: JsonSpan[] }[] }[];
}

const KINDS: readonly SpanKind[] = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const ERROR = 2;

/** The spans of a file with one request as OTLP JSON in each line; the line that is being written does not count. */
export async function readSpanFile(path: string): Promise<WrittenSpan[]> {
  return (await readLines<JsonRequest>(path)).flatMap(spansOf);
}

/** The requests of such a file, of whatever signal. */
export async function readLines<Request>(path: string): Promise<Request[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").slice(0, -1);
  return lines.map(line => JSON.parse(line) as Request);
}

function spansOf({ resourceSpans = [] }: JsonRequest): WrittenSpan[] {
  return resourceSpans.flatMap(group => {
    const resource = texts(group.resource?.attributes);
    const spans = (group.scopeSpans ?? []).flatMap(scope => scope.spans ?? []);
    return spans.map(span => ({
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId ?? "",
      name: span.name ?? "",
      kind: KINDS[span.kind ?? 0] ?? "UNSPECIFIED",
      failed: span.status?.code === ERROR,
      start: BigInt(span.startTimeUnixNano),
      durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
      attributes: texts(span.attributes),
      resource,
      service: resource["service.name"] ?? "",
    }));
  });
}

/** Attributes with their values as text, whatever type they have. */
export function texts(attributes: readonly JsonAttribute[] = []): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
}
