import { type Attributes, type AttributeValue, anyValue, attributes, hex, type WireAnyValue, type WireKeyValue } from "./attributes.ts";
import { ExportLogsServiceRequest, ExportTraceServiceRequest } from "./descriptor.ts";

export type SpanKind = "UNSPECIFIED" | "INTERNAL" | "SERVER" | "CLIENT" | "PRODUCER" | "CONSUMER";

/** A span as it arrived. */
export interface Span {
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits. */
  spanId: string;
  /** 16 hex digits, "" for a root. */
  parentSpanId: string;
  name: string;
  kind: SpanKind;
  /** Nanoseconds since 1970. */
  start: bigint;
  end: bigint;
  durationMs: number;
  attributes: Attributes;
  events: { name: string; time: bigint; attributes: Attributes }[];
  links: { traceId: string; spanId: string; traceState: string; attributes: Attributes }[];
  status: { code: "UNSET" | "OK" | "ERROR"; message: string };
  traceState: string;
  flags: number;
  /** Attributes of the resource; `service` is its service.name. */
  resource: Attributes;
  service: string;
  scope: { name: string; version: string };
}

export interface LogRecord {
  time: bigint;
  severity: string;
  body: AttributeValue;
  attributes: Attributes;
  traceId: string;
  spanId: string;
  resource: Attributes;
}

const KINDS: readonly SpanKind[] = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const STATUS = ["UNSET", "OK", "ERROR"] as const;

interface WireGroup {
  resource?: { attributes?: WireKeyValue[] };
  scopeSpans?: { scope?: { name?: string; version?: string }; spans?: WireSpan[] }[];
  scopeLogs?: { logRecords?: WireLog[] }[];
}

interface WireSpan {
  traceId?: Uint8Array;
  spanId?: Uint8Array;
  parentSpanId?: Uint8Array;
  traceState?: string;
  name?: string;
  kind?: number;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: WireKeyValue[];
  events?: { name?: string; timeUnixNano?: string; attributes?: WireKeyValue[] }[];
  links?: { traceId?: Uint8Array; spanId?: Uint8Array; traceState?: string; attributes?: WireKeyValue[] }[];
  status?: { code?: number; message?: string };
  flags?: number;
}

interface WireLog {
  timeUnixNano?: string;
  severityText?: string;
  body?: WireAnyValue;
  attributes?: WireKeyValue[];
  traceId?: Uint8Array;
  spanId?: Uint8Array;
}

/** The spans of one ExportTraceServiceRequest. Throws when the bytes are no such message. */
export function decodeSpans(bytes: Uint8Array): Span[] {
  const request = ExportTraceServiceRequest.toObject(ExportTraceServiceRequest.decode(bytes), { longs: String });
  return ((request.resourceSpans ?? []) as WireGroup[]).flatMap(group => {
    const resource = attributes(group.resource?.attributes);
    return (group.scopeSpans ?? []).flatMap(({ scope, spans }) =>
      (spans ?? []).map(wire => ({ ...span(wire), resource, service: String(resource["service.name"] ?? ""), scope: named(scope) })),
    );
  });
}

/** The records of one ExportLogsServiceRequest. */
export function decodeLogs(bytes: Uint8Array): LogRecord[] {
  const request = ExportLogsServiceRequest.toObject(ExportLogsServiceRequest.decode(bytes), { longs: String });
  return ((request.resourceLogs ?? []) as WireGroup[]).flatMap(group => {
    const resource = attributes(group.resource?.attributes);
    return (group.scopeLogs ?? []).flatMap(({ logRecords }) => (logRecords ?? []).map(wire => ({ ...logRecord(wire), resource })));
  });
}

function span(wire: WireSpan): Omit<Span, "resource" | "service" | "scope"> {
  const start = BigInt(wire.startTimeUnixNano ?? 0);
  const end = BigInt(wire.endTimeUnixNano ?? 0);
  return {
    traceId: hex(wire.traceId),
    spanId: hex(wire.spanId),
    parentSpanId: hex(wire.parentSpanId),
    name: wire.name ?? "",
    kind: KINDS[wire.kind ?? 0] ?? "UNSPECIFIED",
    start,
    end,
    durationMs: Number(end - start) / 1e6,
    attributes: attributes(wire.attributes),
    events: (wire.events ?? []).map(event => ({
      name: event.name ?? "",
      time: BigInt(event.timeUnixNano ?? 0),
      attributes: attributes(event.attributes),
    })),
    links: (wire.links ?? []).map(link => ({
      traceId: hex(link.traceId),
      spanId: hex(link.spanId),
      traceState: link.traceState ?? "",
      attributes: attributes(link.attributes),
    })),
    status: { code: STATUS[wire.status?.code ?? 0] ?? "UNSET", message: wire.status?.message ?? "" },
    traceState: wire.traceState ?? "",
    flags: wire.flags ?? 0,
  };
}

function logRecord(wire: WireLog): Omit<LogRecord, "resource"> {
  return {
    time: BigInt(wire.timeUnixNano ?? 0),
    severity: wire.severityText ?? "",
    body: anyValue(wire.body),
    attributes: attributes(wire.attributes),
    traceId: hex(wire.traceId),
    spanId: hex(wire.spanId),
  };
}

function named(scope: { name?: string; version?: string } | undefined): { name: string; version: string } {
  return { name: scope?.name ?? "", version: scope?.version ?? "" };
}
