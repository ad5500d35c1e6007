import type { TreeSpan } from "../otlp/index.ts";

/** A span as the Collector's file exporter writes it. */
export interface FoundSpan extends TreeSpan {
  readonly name: string;
  readonly service: string;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: Attribute[];
}

interface JsonRequest {
  resourceSpans?: { resource?: { attributes?: Attribute[] }; scopeSpans?: { spans?: JsonSpan[] }[] }[];
}

/** The spans of one trace in lines of OTLP as JSON, one request in each. Lines that are none, such as one that is being written, are passed over. */
export function spansIn(lines: readonly string[], traceId: string): FoundSpan[] {
  return lines
    .filter(line => line.includes(traceId))
    .flatMap(line => {
      const { resourceSpans = [] } = parsed(line);
      return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
        const service = texts(resource?.attributes)["service.name"] ?? "";
        const spans = scopeSpans.flatMap(scope => scope.spans ?? []).filter(span => span.traceId === traceId);
        return spans.map(span => found(span, service));
      });
    });
}

function parsed(line: string): JsonRequest {
  try {
    return JSON.parse(line) as JsonRequest;
  } catch {
    return {};
  }
}

function found({ spanId, parentSpanId = "", name = "", attributes, ...times }: JsonSpan, service: string): FoundSpan {
  const [start, end] = [BigInt(times.startTimeUnixNano), BigInt(times.endTimeUnixNano)];
  return { spanId, parentSpanId, name, service, start, durationMs: Number(end - start) / 1e6, attributes: texts(attributes) };
}

const texts = (attributes: readonly Attribute[] = []): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
