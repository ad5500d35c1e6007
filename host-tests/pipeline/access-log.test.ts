import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compareVersions } from "../../scripts/envoy/index.ts";
import type { Collector } from "../collector/collector.ts";
import type { WrittenLog } from "../collector/log-file.ts";
import type { WrittenSpan } from "../collector/span-file.ts";
import { startEcho } from "../envoy/index.ts";
import { quietPort } from "../istio/quiet-port.ts";
import { startComplete } from "./complete.ts";
import { grafanaJump, kibanaJump, type LogEntry, linesOfTrace } from "./jumps.ts";
import { collect, keep } from "./keep.ts";

/** The last before tags read filter state, the first that does, that of Istio 1.31, the current one. */
const VERSIONS = ["1.36.4", "1.37.0", "1.39.3", "1.40.0"] as const;
const IDENTITY: [string, string][] = [
  ["x-user-id", "u42"],
  ["x-tenant-id", "acme"],
];
const WHO = { "user.id": "u42", "tenant.id": "acme", "app.version": "v7" };
const CONFIG = {
  span_attributes: {
    custom_attributes: { "app.version": "v7" },
    attributes: [
      { name: "user.id", header: "x-user-id" },
      { name: "tenant.id", header: "x-tenant-id" },
    ],
  },
};

/** Three requests, so that a log line can lead to the wrong trace. */
async function send(version: string, logForm: "json" | "otlp") {
  const collector = await collect();
  const upstream = keep(await startEcho()).url;
  const proxy = keep(await startComplete("mesh-telemetry", { logForm, config: CONFIG }, { version, upstream, collector }));
  for (const path of ["/one", "/two?q=1", "/three"]) expect((await proxy.request({ path, headers: IDENTITY })).status).toBe(200);
  return { collector, proxy };
}

/** The span to which each of the logs leads; that it is the span of the same request, and has the same attributes. */
async function follow(
  collector: Collector,
  entries: readonly LogEntry[],
  jump: (entry: LogEntry) => string | null,
): Promise<WrittenSpan[]> {
  await expect.poll(async () => (await collector.spans()).length).toBe(entries.length);
  const spans = await collector.spans();
  return entries.map(entry => {
    const found = spans.filter(({ traceId }) => traceId === jump(entry));
    expect(found.length).toBe(1);
    const [span] = found as [WrittenSpan];
    expect(span.attributes).toMatchObject(WHO);
    expect(span.attributes["http.url"] ?? span.attributes["url.full"]).toMatch(new RegExp(`${entry.fields.path?.replace("?", "\\?")}$`));
    return span;
  });
}

describe.each(VERSIONS)("[envoy %s] the access log", version => {
  it("as JSON leads from each line to its trace, in Grafana and in Kibana", async () => {
    const { collector, proxy } = await send(version, "json");
    await proxy.waitForLog(/"\/three"/);
    const lines = await proxy.logs(/"trace_id"/);
    const entries = lines.map(line => ({ line, fields: JSON.parse(line) }));
    expect(entries.length).toBe(3);
    for (const { fields } of entries) expect(fields).toMatchObject({ ...WHO, status: 200, method: "GET" });
    const spans = await follow(collector, entries, grafanaJump("Trace of the line"));
    expect(await follow(collector, entries, kibanaJump("trace_id"))).toEqual(spans);
    // The span's own id, in the word that this version has for it.
    const shown = entries.map(({ fields }) => fields.span_id ?? fields.traceparent.split("-")[2]);
    expect(shown).toEqual(spans.map(({ spanId }) => spanId));
    expect(entries.every(({ fields }) => "span_id" in fields)).toBe(compareVersions(version, "1.39.0") >= 0);
  });

  it("in OTLP has the ids of the span as its own, and leads to it", async () => {
    const { collector, proxy } = await send(version, "otlp");
    await expect.poll(async () => (await collector.logs()).length).toBe(3);
    const logs = await collector.logs();
    for (const log of logs)
      expect(log).toMatchObject({ attributes: { ...WHO, status: "200", method: "GET" }, resource: { "service.name": "app" } });
    const entries = logs.map(inLoki);
    const spans = await follow(collector, entries, grafanaJump("Trace"));
    expect(logs.map(({ spanId }) => spanId)).toEqual(spans.map(({ spanId }) => spanId));
    expect(logs.map(({ body }) => body)).toEqual(["GET /one 200", "GET /two?q=1 200", "GET /three 200"]);
    expect(await proxy.logs(/[Dd]eprecated/)).toEqual([]);
  });
});

describe.each(VERSIONS)("[envoy %s] the access log with a filter", version => {
  it.each(["json", "otlp"] as const)("as %s has the failed request and no other", async logForm => {
    const collector = await collect();
    const upstream = keep(await startEcho({ respond: ({ path }) => ({ status: path === "/broken" ? 500 : 200 }) })).url;
    const more = { logForm, logWhen: "response.code >= 400", config: CONFIG };
    const proxy = keep(await startComplete("mesh-telemetry", more, { version, upstream, collector }));
    for (const path of ["/one", "/broken", "/two"]) await proxy.request({ path, headers: IDENTITY });
    // Every request is traced, so the log had its chance with each of them.
    await expect.poll(async () => (await collector.spans()).length).toBe(3);
    if (logForm === "otlp") await expect.poll(async () => (await collector.logs()).length).toBe(1);
    else await proxy.waitForLog(/"\/broken"/);
    const entries =
      logForm === "otlp"
        ? (await collector.logs()).map(({ attributes }) => attributes)
        : (await proxy.logs(/"trace_id"/)).map(line => JSON.parse(line));
    expect(entries.map(({ path, status }) => [path, Number(status)])).toEqual([["/broken", 500]]);
  });
});

describe("without a tracer", () => {
  it.each(["1.37.0", "1.40.0"])(
    "[envoy %s] the gateway gives records the ids that trace-context exposes, and they lead to the filter's spans",
    async version => {
      const collector = await collect({
        configs: ["otel/gateway.yaml"],
        env: { TRACES_ENDPOINT: "tempo:4317", LOGS_ENDPOINT: "https://loki:3100/otlp" },
        config: {
          extensions: { health_check: { endpoint: `127.0.0.1:${await quietPort()}` } },
          exporters: { prometheus: { endpoint: `127.0.0.1:${await quietPort()}` } },
          processors: { tail_sampling: { decision_wait: "100ms" } },
          pipelines: { traces: { exporters: ["file"] }, logs: { exporters: ["file"] } },
        },
      });
      const upstream = keep(await startEcho()).url;
      const config = {
        expose: ["trace_id", "span_id"],
        export: { cluster: "opentelemetry-collector", protocol: "http", service_name: "checkout", batch: { interval_ms: 100 } },
      };
      const proxy = keep(
        await startComplete("trace-context", { logForm: "otlp", tracer: false, config }, { version, upstream, collector }),
      );
      expect((await proxy.request({ path: "/", headers: [["traceparent", "nonsense"]] })).status).toBe(200);
      await expect.poll(async () => (await collector.logs()).length).toBe(1);
      // service.name is one of the gateway's critical services, so the trace is kept.
      await expect.poll(async () => (await collector.spans()).length).toBe(1);
      const [log] = (await collector.logs()) as [WrittenLog];
      const [span] = (await collector.spans()) as [WrittenSpan];
      expect(log).toMatchObject({ traceId: span.traceId, spanId: span.spanId });
      expect(grafanaJump("Trace")(inLoki(log))).toBe(span.traceId);
    },
  );
});

describe("otel/", () => {
  it("leads from a span back to its lines", () => {
    expect(linesOfTrace("4bf92f3577b34da6a3ce929d0e0e4736")).toContain('trace_id="4bf92f3577b34da6a3ce929d0e0e4736"');
  });

  it("elastic.yaml sends the gateway's logs with the key", async () => {
    const elastic = await startIntake();
    const collector = await collect({
      configs: ["otel/gateway.yaml", "otel/elastic.yaml"],
      env: { TRACES_ENDPOINT: "jaeger:4317", LOGS_ENDPOINT: elastic.url, ELASTIC_API_KEY: "a2V5" },
      config: {
        extensions: { health_check: { endpoint: `127.0.0.1:${await quietPort()}` } },
        exporters: { prometheus: { endpoint: `127.0.0.1:${await quietPort()}` } },
      },
    });
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId, body: { stringValue: "GET / 200" } }] }] }] });
    const { ok } = await fetch(`${collector.http}/v1/logs`, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(ok).toBe(true);
    await expect.poll(() => elastic.requests.length).toBe(1);
    const [request] = elastic.requests;
    expect(request).toMatchObject({ path: "/v1/logs", authorization: "ApiKey a2V5" });
    expect(request?.body.includes(Buffer.from(traceId, "hex"))).toBe(true);
  });
});

/** Loki keeps the trace id of a record as structured metadata. */
function inLoki({ body, traceId, spanId, attributes }: WrittenLog): LogEntry {
  return { line: body, fields: { ...attributes, ...(traceId ? { trace_id: traceId, span_id: spanId } : {}) } };
}

interface Intake {
  readonly url: string;
  readonly requests: { path: string | undefined; authorization: string | undefined; body: Buffer }[];
  stop(): Promise<void>;
}

/** Takes OTLP over HTTP and keeps the bodies. */
async function startIntake(): Promise<Intake> {
  const requests: Intake["requests"] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const body = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
    requests.push({ path: incoming.url, authorization: incoming.headers.authorization, body });
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return keep({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
