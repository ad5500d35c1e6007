import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { ExportLogsServiceRequest, ExportTraceServiceRequest } from "../../scripts/otlp/descriptor.ts";
import { decodeLogs, decodeSpans, drawTrees, type OtlpReceiver, type Span, spanTrees, startReceiver } from "../../scripts/otlp/index.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

function spanRequest(...spans: object[]): Uint8Array {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  const message = { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "envoy", version: "1" }, spans }] }] };
  return ExportTraceServiceRequest.encode(ExportTraceServiceRequest.fromObject(message)).finish();
}

describe("OTLP", () => {
  it("decodes every field of a span and every kind of value", () => {
    const [span] = decodeSpans(
      spanRequest({
        traceId: bytes(TRACE),
        spanId: bytes("00f067aa0ba902b7"),
        parentSpanId: bytes("0000000000000001"),
        traceState: "a=b",
        name: "GET /",
        kind: 2,
        startTimeUnixNano: "1763640000123456789",
        endTimeUnixNano: "1763640000125456789",
        attributes: [
          { key: "string", value: { stringValue: "" } },
          { key: "bool", value: { boolValue: false } },
          { key: "int", value: { intValue: "-7" } },
          { key: "big", value: { intValue: "9007199254740993" } },
          { key: "double", value: { doubleValue: 0.5 } },
          { key: "array", value: { arrayValue: { values: [{ stringValue: "x" }, { intValue: "1" }] } } },
          { key: "map", value: { kvlistValue: { values: [{ key: "k", value: { boolValue: true } }] } } },
          { key: "bytes", value: { bytesValue: bytes("ff00") } },
          { key: "nothing", value: {} },
        ],
        events: [{ name: "retry", timeUnixNano: "1763640000124000000", attributes: [{ key: "n", value: { intValue: "2" } }] }],
        links: [{ traceId: bytes(TRACE), spanId: bytes("00f067aa0ba902b8"), traceState: "c=d" }],
        status: { code: 2, message: "bad" },
        flags: 257,
      }),
    );
    expect(span).toMatchObject({
      traceId: TRACE,
      spanId: "00f067aa0ba902b7",
      parentSpanId: "0000000000000001",
      traceState: "a=b",
      name: "GET /",
      kind: "SERVER",
      start: 1763640000123456789n,
      durationMs: 2,
      service: "shop",
      scope: { name: "envoy", version: "1" },
      status: { code: "ERROR", message: "bad" },
      flags: 257,
      events: [{ name: "retry", time: 1763640000124000000n, attributes: { n: 2 } }],
      links: [{ traceId: TRACE, spanId: "00f067aa0ba902b8", traceState: "c=d", attributes: {} }],
    });
    const { bytes: raw, ...values } = span?.attributes ?? {};
    expect(values).toEqual({
      string: "",
      bool: false,
      int: -7,
      big: 9007199254740993n,
      double: 0.5,
      array: ["x", 1],
      map: { k: true },
      nothing: null,
    });
    expect(Buffer.from(raw as Uint8Array)).toEqual(bytes("ff00"));
  });

  it("decodes log records with their trace", () => {
    const record = {
      timeUnixNano: "1",
      severityText: "INFO",
      body: { stringValue: "hello" },
      traceId: bytes(TRACE),
      spanId: bytes("00f067aa0ba902b7"),
    };
    const message = ExportLogsServiceRequest.fromObject({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
    const [log] = decodeLogs(ExportLogsServiceRequest.encode(message).finish());
    expect(log).toMatchObject({ time: 1n, severity: "INFO", body: "hello", traceId: TRACE, spanId: "00f067aa0ba902b7" });
  });

  it("receives requests plain and gzipped, answers 404 elsewhere, and keeps what it could not read as an error", async () => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.stop());
    const body = spanRequest({ traceId: bytes(TRACE), spanId: bytes("00f067aa0ba902b7"), name: "a" });
    expect(await post(receiver, "/v1/traces", body)).toBe(200);
    expect(await post(receiver, "/v1/traces", gzipSync(body), { "content-encoding": "gzip" })).toBe(200);
    expect((await receiver.waitForSpans(2)).map(span => span.name)).toEqual(["a", "a"]);
    expect(await post(receiver, "/v1/nothing", body)).toBe(404);
    expect(receiver.errors()).toEqual([]);
    expect(await post(receiver, "/v1/traces", Buffer.from("no protobuf"))).toBe(400);
    expect(receiver.errors()).toHaveLength(1);
    await expect(receiver.waitForSpans(3, 20)).rejects.toThrow("3 spans did not arrive within 20 ms; 2 did");
  });

  it("draws a trace as a tree, with spans of absent parents as roots", () => {
    const span = (spanId: string, parentSpanId: string, start: bigint) => ({ spanId, parentSpanId, start, name: spanId }) as Span;
    const spans = [span("d", "b", 4n), span("c", "a", 3n), span("b", "a", 2n), span("a", "gone", 1n)];
    expect(drawTrees(spanTrees(spans), ({ name }) => name)).toEqual(["a", "├─ b", "│  └─ d", "└─ c"]);
  });
});

async function post(receiver: OtlpReceiver, path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(receiver.url + path, { method: "POST", body: new Uint8Array(body), headers });
  return response.status;
}
