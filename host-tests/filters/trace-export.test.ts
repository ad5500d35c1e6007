import { describe, expect, it } from "vitest";
import { DEFAULT_ENVOY_VERSION, decodeSpans, type EchoAnswer, type EchoedRequest, type Span } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { type ClusterHandler, createHost } from "../host/index.ts";
import { describeHosts, type ProxyHost, type RunningHost } from "../matrix.ts";
import { manyInTurn } from "./in-turn.ts";

const wasm = "build/trace-context.wasm";
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const CALLER: [string, string] = ["traceparent", `00-${TRACE}-${PARENT}-01`];
const BATCH = { max_spans: 4, interval_ms: 100, max_queue: 8 };

/** What answers as a collector, and the spans that it took. */
async function collector(host: ProxyHost, answer: (attempt: number) => EchoAnswer = () => ({})) {
  const spans: Span[] = [];
  const requests: EchoedRequest[] = [];
  const server = await host.upstream({
    respond: request => {
      requests.push(request);
      const answered = {
        status: 200,
        body: "",
        headers: [["content-type", "application/x-protobuf"]] as [string, string][],
        ...answer(requests.length),
      };
      if (answered.status === 200) spans.push(...decodeSpans(Buffer.from(request.body, "latin1")));
      return answered;
    },
  });
  return { server, spans, requests };
}

/** Waits for `count` spans; the emulator's clock has to be moved for that. */
async function arrived(proxy: RunningHost, spans: Span[], count: number): Promise<Span[]> {
  for (let waited = 0; spans.length < count && waited < 20_000; waited += 50) await proxy.pass(50);
  expect(spans.length).toBe(count);
  return spans;
}

describeHosts("trace-context with export", {}, host => {
  const start = async (config: object, answer?: (attempt: number) => EchoAnswer, upstream?: EchoAnswer) => {
    const otlp = await collector(host, answer);
    const echo = await host.upstream(upstream ? { respond: () => upstream } : {});
    const exporting = { cluster: "otel", service_name: "shop", batch: BATCH, ...config };
    const proxy = await host.start({
      clusters: [
        { name: "echo", url: echo.url },
        { name: "otel", url: otlp.server.url },
      ],
      listeners: [{ name: "in", filters: [{ name: "trace-context", wasm, config: { export: exporting } }] }],
    });
    return { proxy, ...otlp };
  };

  it("writes a server span with the conventions of HTTP under the caller's span", async () => {
    const { proxy, spans, requests } = await start({
      resource: { "deployment.environment": "test" },
      span_attributes: { attributes: [{ name: "user.id", header: "x-user-id" }], custom_attributes: { "app.version": "v1" } },
    });
    const response = await proxy.request("in", {
      path: "/cart?item=1",
      headers: [CALLER, ["x-user-id", "u42"], ["user-agent", "test/1"], ["x-forwarded-for", "10.1.2.3, 10.4.5.6"]],
    });
    const [span] = await arrived(proxy, spans, 1);
    const sent = response.json<EchoedRequest>().headers.find(([name]) => name === "traceparent")?.[1];
    expect(sent).toBe(`00-${TRACE}-${span?.spanId}-01`);
    expect(span).toMatchObject({
      traceId: TRACE,
      parentSpanId: PARENT,
      name: "GET",
      kind: "SERVER",
      status: { code: "UNSET" },
      flags: 1,
      service: "shop",
      scope: { name: "meshwright/trace-context" },
    });
    expect(span?.attributes).toMatchObject({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "url.path": "/cart",
      "url.query": "item=1",
      "url.scheme": "http",
      "user_agent.original": "test/1",
      "client.address": "10.1.2.3",
      "user.id": "u42",
      "app.version": "v1",
    });
    expect(span?.resource).toMatchObject({ "deployment.environment": "test", "telemetry.sdk.name": "meshwright" });
    expect(span?.end).toBeGreaterThanOrEqual(span?.start ?? 0n);
    expect(requests[0]?.path).toBe("/v1/traces");
    expect(requests[0]?.headers).toContainEqual(["content-type", "application/x-protobuf"]);
  });

  it("starts a trace where none came, and links to what is not trusted", async () => {
    const { proxy, spans } = await start({});
    await proxy.request("in", {});
    const [root] = await arrived(proxy, spans, 1);
    expect(root).toMatchObject({ parentSpanId: "", flags: 3, links: [] });
    const otlp = await collector(host);
    const distrustful = await host.start({
      clusters: [{ name: "otel", url: otlp.server.url }],
      listeners: [
        { name: "in", filters: [{ name: "trace-context", wasm, config: { trust: "none", export: { cluster: "otel", batch: BATCH } } }] },
      ],
    });
    await distrustful.request("in", { headers: [CALLER] });
    const [span] = await arrived(distrustful, otlp.spans, 1);
    expect(span?.traceId).not.toBe(TRACE);
    expect(span).toMatchObject({ parentSpanId: "", links: [{ traceId: TRACE, spanId: PARENT }] });
  });

  it("takes the kind of a span from its listener's direction, or from its configuration", async () => {
    const otlp = await collector(host);
    const missing = await host.upstream({ respond: () => ({ status: 404, body: "" }) });
    // The same configuration in one VM: both listeners share the plugin context.
    const filter = (kind?: string) => ({
      name: "trace-context",
      wasm,
      vmId: "kinds",
      config: { export: { cluster: "otel", batch: BATCH, ...(kind ? { kind } : {}) } },
    });
    const proxy = await host.start({
      clusters: [
        { name: "missing", url: missing.url },
        { name: "otel", url: otlp.server.url },
      ],
      listeners: [
        { name: "in", direction: "inbound", filters: [filter()] },
        { name: "out", direction: "outbound", filters: [filter()] },
        { name: "told", direction: "inbound", filters: [filter("client")] },
      ],
    });
    for (const listener of ["in", "out", "told"]) await proxy.request(listener, { path: `/${listener}`, headers: [CALLER] });
    await arrived(proxy, otlp.spans, 3);
    const seen = otlp.spans.map(({ kind, status, attributes }) => `${attributes["url.path"]} ${kind} ${status.code}`);
    // 404 is an error of the client only.
    expect(seen.sort()).toEqual(["/in SERVER UNSET", "/out CLIENT ERROR", "/told CLIENT ERROR"]);
  });

  it("marks what failed", async () => {
    const { proxy, spans } = await start({}, undefined, { status: 503, body: "" });
    await proxy.request("in", { headers: [CALLER] });
    const [span] = await arrived(proxy, spans, 1);
    expect(span).toMatchObject({ status: { code: "ERROR" }, attributes: { "http.response.status_code": 503, "error.type": "503" } });
  });

  it("leaves out what the caller did not sample, errors aside where that is asked for", async () => {
    const plain = await start({});
    const failing = await start({ sampling: { always: ["error"] } }, undefined, { status: 500, body: "" });
    for (const { proxy } of [plain, failing]) await proxy.request("in", { headers: [["traceparent", `00-${TRACE}-${PARENT}-00`]] });
    for (const { proxy } of [plain, failing]) await proxy.request("in", { headers: [CALLER] });
    expect((await arrived(plain.proxy, plain.spans, 1)).map(({ flags }) => flags)).toEqual([1]);
    expect((await arrived(failing.proxy, failing.spans, 2)).map(({ flags }) => flags)).toEqual([0, 1]);
  });

  it("samples new traces by their id, and says so in tracestate", async () => {
    const { proxy, spans } = await start({ sampling: { ratio: 0.25 }, batch: { ...BATCH, max_spans: 4, max_queue: 100 } });
    const sent: { id: string; sampled: boolean; state: string | undefined }[] = [];
    for (let i = 0; i < 40; i++) {
      const { headers } = (await proxy.request("in", {})).json<EchoedRequest>();
      const [, id = "", , flags] = (headers.find(([name]) => name === "traceparent")?.[1] ?? "").split("-");
      sent.push({ id, sampled: flags === "03", state: headers.find(([name]) => name === "tracestate")?.[1] });
    }
    for (const { id, sampled, state } of sent) {
      expect(sampled).toBe(BigInt(`0x${id.slice(-14)}`) >= 0xc0n << 48n);
      expect(state).toBe(sampled ? "ot=th:c" : undefined);
    }
    const sampled = sent.filter(trace => trace.sampled);
    await arrived(proxy, spans, sampled.length);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(sampled.map(({ id }) => id)));
  });

  it("tries again after 503 and 429, and gives up what is refused", async () => {
    const { proxy, spans, requests } = await start({}, attempt => (attempt <= 2 ? { status: attempt === 1 ? 503 : 429 } : {}));
    await proxy.request("in", { headers: [CALLER] });
    await arrived(proxy, spans, 1);
    expect(requests.length).toBe(3);
    // The collector has the spans before Envoy has its answer.
    await expect.poll(() => proxy.metric("trace_context.export.sent")).toBe(1);
    const refusing = await start({}, () => ({ status: 400 }));
    await refusing.proxy.request("in", { headers: [CALLER] });
    await refusing.proxy.waitForLog(/trace-context: export: otel refuses 1 spans: status 400/);
    await expect.poll(() => refusing.proxy.metric("trace_context.export.failed")).toBe(1);
  });

  it("keeps no more than the queue holds, and counts what it drops", async () => {
    let down = true;
    const { proxy, spans, requests } = await start({}, () => (down ? { status: 503 } : {}));
    for (let i = 0; i < 20; i++) expect((await proxy.request("in", { headers: [CALLER] })).status).toBe(200);
    down = false;
    await arrived(proxy, spans, BATCH.max_queue);
    const counted = async () => (await proxy.metric("trace_context.export.sent")) + (await proxy.metric("trace_context.export.dropped"));
    await expect.poll(counted).toBe(20);
    expect(requests.length).toBeGreaterThan(1);
  });

  it("sends a full batch at once, and after the stream that filled it is gone", async () => {
    const { proxy, spans } = await start({ batch: { max_spans: 1, interval_ms: 60_000, max_queue: 8 } }, () => ({ delayMs: 200 }));
    for (let i = 0; i < 4; i++) await proxy.request("in", { headers: [CALLER] });
    await arrived(proxy, spans, 4);
    const sent = async () => {
      await proxy.pass(50);
      return proxy.metric("trace_context.export.sent");
    };
    await expect.poll(sent).toBe(4);
  });

  it("sends what is queued when its configuration is replaced", async () => {
    const otlp = await collector(host);
    const spec = (service: string) => ({
      dynamicListeners: true,
      clusters: [{ name: "otel", url: otlp.server.url }],
      listeners: [
        {
          name: "in",
          filters: [
            {
              name: "trace-context",
              wasm,
              config: { export: { cluster: "otel", service_name: service, batch: { ...BATCH, interval_ms: 60_000 } } },
            },
          ],
        },
      ],
    });
    const proxy = await host.start(spec("one"));
    await proxy.request("in", { headers: [CALLER] });
    expect((await proxy.update(spec("two"))).accepted).toBe(true);
    await proxy.drained();
    await arrived(proxy, otlp.spans, 1);
    expect(otlp.spans[0]?.service).toBe("one");
  });

  it("refuses what it does not understand", async () => {
    const refused = (config: object) => expect(start(config)).rejects;
    await refused({ cluster: "" }).toThrow(/trace-context: export\.cluster: expected a non-empty string/);
    await refused({ sampling: { ratio: 1.5 } }).toThrow(
      /trace-context: export\.sampling\.ratio: expected a number from 0 to 1, found number 1\.5/,
    );
    await refused({ sampling: { always: ["slow"] } }).toThrow(
      /trace-context: export\.sampling\.always\[0\]: expected "error" or a duration such as "slow>1000ms", found string "slow"/,
    );
    await refused({ batch: { max_spans: 100, max_queue: 10 } }).toThrow(
      /export\.batch\.max_queue: expected an integer that is at least max_spans, 100/,
    );
    await refused({ protocol: "zipkin" }).toThrow(/export\.protocol: expected one of "http", "grpc"/);
  });
});

/** An emulator whose collector takes what comes. */
function exporting(config: object) {
  const spans: Span[] = [];
  const otel: ClusterHandler = ({ body }) => {
    spans.push(...decodeSpans(Buffer.from(body, "latin1")));
    return {};
  };
  const host = createHost({ clusters: { otel }, strict: { traps: true, contexts: true, calls: true } });
  host.plugin({
    wasm,
    name: "trace-context",
    config: { export: { cluster: "otel", batch: { max_queue: 65_536, max_spans: 8192 }, ...config } },
  });
  return { host, spans };
}

describe("trace-context with export, by streams", () => {
  it("keeps the spans of many streams apart, in whatever order they end", () => {
    const { host, spans } = exporting({ kind: "server" });
    const streams = Array.from({ length: 700 }, (_, n) => ({ n, exchange: host.open({ upstream: "manual" }) }));
    for (const { n, exchange } of streams) exchange.sendHeaders({ path: `/${n}`, headers: [CALLER] }, true);
    const order = streams.slice().sort((a, b) => ((a.n * 331) % 700) - ((b.n * 331) % 700));
    for (const { n, exchange } of order) {
      if (n % 7 === 0) exchange.disconnect();
      else exchange.respond({ status: 200 + (n % 5) });
    }
    host.advance(1000);
    const seen = spans.map(({ attributes }) => `${attributes["url.path"]} ${attributes["http.response.status_code"]}`);
    expect(seen.sort()).toEqual(streams.map(({ n }) => `/${n} ${n % 7 === 0 ? undefined : 200 + (n % 5)}`).sort());
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(700);
    host.close();
  });

  it("asks for the listener's direction once for a connection", () => {
    const { host, spans } = exporting({});
    const asked = [1n, 1n, 2n, 1n].map(id => {
      const before = host.trace.calls("proxy_get_property").length;
      host.request({ headers: [CALLER], connection: { id } });
      return host.trace.calls("proxy_get_property").length - before;
    });
    // Two markers, the direction and the response's code; then one marker and the code.
    expect(asked).toEqual([4, 2, 4, 2]);
    host.advance(1000);
    expect(spans.map(({ kind }) => kind)).toEqual(["SERVER", "SERVER", "SERVER", "SERVER"]);
    host.close();
  });
});

const REQUESTS = 10_000;

describeEnvoy("trace-context with export, under load", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  it(`exports exactly the sampled ones of ${REQUESTS} requests`, async () => {
    const otlp = await envoy.receiver();
    const config = { export: { cluster: "otel", sampling: { ratio: 0.1 }, batch: { interval_ms: 50 } }, expose: ["trace_id", "sampled"] };
    const proxy = await envoy.start({
      config: {
        clusters: [{ name: "otel", url: otlp.url }],
        listeners: [
          {
            name: "in",
            filters: [{ name: "trace-context", wasm, config }],
            routes: [{ response: { status: 200, body: "ok" } }],
            accessLog: {
              json: {
                id: "%FILTER_STATE(wasm.trace_context.trace_id:PLAIN)%",
                sampled: "%FILTER_STATE(wasm.trace_context.sampled:PLAIN)%",
              },
            },
          },
        ],
      },
    });
    expect(await manyInTurn(proxy.address("in"), REQUESTS, 20, () => "")).toBe(REQUESTS);
    const log = await proxy.waitForAccessLog(REQUESTS, "in");
    const sampled = new Set(log.filter(line => line.sampled === "true").map(line => line.id));
    await otlp.waitForSpans(sampled.size, 30_000);
    expect(new Set(otlp.spans().map(({ traceId }) => traceId))).toEqual(sampled);
    expect(otlp.spans().length).toBe(sampled.size);
    expect(sampled.size).toBeGreaterThan(0.08 * REQUESTS);
    expect(sampled.size).toBeLessThan(0.12 * REQUESTS);
    expect(otlp.errors()).toEqual([]);
  }, 600_000);
});
