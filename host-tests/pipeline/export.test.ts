import { describe, expect, it } from "vitest";
import type { Collector } from "../collector/collector.ts";
import type { WrittenSpan } from "../collector/span-file.ts";
import type { ListenerSpec, RunningEnvoy } from "../envoy/index.ts";
import { manyInTurn } from "../filters/in-turn.ts";
import { collect, envoy, keep } from "./keep.ts";
import { type Service, startService } from "./services.ts";

const wasm = "build/trace-context.wasm";
const PROTOCOLS = ["http", "grpc"] as const;
type Protocol = (typeof PROTOCOLS)[number];

const cluster = (collector: Collector, protocol: Protocol) => ({
  name: "otel",
  url: collector[protocol],
  http2: protocol === "grpc",
});
const exporting = (protocol: Protocol, more: object) => ({ cluster: "otel", protocol, ...more });

describe.each(PROTOCOLS)("trace-context's spans in the Collector, over %s", protocol => {
  it("are one whole trace over three services", async () => {
    const collector = await collect();
    const orders = await sidecar("orders", [], {}, collector, protocol);
    const users = await sidecar("users", ["/orders/last"], { orders }, collector, protocol);
    const front = await sidecar("front", ["/users/current", "/orders/today"], { users, orders }, collector, protocol);
    const requests = 20;
    for (let i = 0; i < requests; i++) expect((await front.request("ingress", { path: "/checkout" })).status).toBe(200);
    // Ingress and egress of each call: front, front → users, users → orders, front → orders.
    const spans = await written(collector, requests * 7);
    const traces = new Set(spans.map(({ traceId }) => traceId));
    expect(traces.size).toBe(requests);
    for (const trace of traces) {
      expect(drawn(spans.filter(({ traceId }) => traceId === trace))).toEqual([
        "front SERVER /checkout",
        "  front CLIENT /users/current",
        "    users SERVER /users/current",
        "      users CLIENT /orders/last",
        "        orders SERVER /orders/last",
        "  front CLIENT /orders/today",
        "    orders SERVER /orders/today",
      ]);
    }
  });

  it("are exactly the sampled ones of 10000 requests", async () => {
    const collector = await collect();
    const proxy = await alone(collector, protocol, { sampling: { ratio: 0.1 }, batch: { interval_ms: 100 } });
    await manyInTurn(proxy.address("in"), 10_000, 20, () => "");
    const log = await proxy.waitForAccessLog(10_000, "in");
    const sampled = log.filter(line => line.sampled === "true").map(line => line.id);
    expect((await written(collector, sampled.length)).map(({ traceId }) => traceId).sort()).toEqual(sampled.sort());
    await expect.poll(() => counters(proxy)).toEqual({ sent: sampled.length, dropped: 0, failed: 0 });
  });

  it("are lost only beyond the queue when the Collector is away for 10 s", async () => {
    const collector = await collect();
    const proxy = await alone(collector, protocol, { batch: { max_spans: 128, interval_ms: 100, max_queue: 1024 } });
    let requests = 0;
    const send = async (count: number) => {
      requests += await manyInTurn(proxy.address("in"), count, 4, () => "");
    };
    await send(500);
    await written(collector, 500);
    await collector.kill();
    const until = Date.now() + 10_000;
    while (Date.now() < until) await send(500);
    const whileAway = requests - 500;
    await collector.restart();
    await expect.poll(async () => sum(await counters(proxy))).toBe(requests);
    const { sent, dropped, failed } = await counters(proxy);
    expect(failed).toBe(0);
    expect(dropped).toBe(Math.max(0, whileAway - 1024));
    expect(unique(await written(collector, sent))).toBe(sent);
    // And it goes on as before.
    await send(500);
    expect(unique(await written(collector, sent + 500))).toBe(sent + 500);
  });

  it("keep no request waiting when the Collector takes connections and answers nothing", async () => {
    const collector = await collect();
    const proxy = await alone(collector, protocol, { timeout_ms: 1000, batch: { max_spans: 128, interval_ms: 100, max_queue: 1024 } });
    collector.freeze();
    // If one of them waited for the Collector, this would not come to an end.
    await manyInTurn(proxy.address("in"), 3000, 4, () => "");
    // A batch has waited in vain; what it held is sent again.
    await expect.poll(() => proxy.stat("cluster.otel.upstream_rq_timeout")).toBeGreaterThan(0);
    expect(await counters(proxy)).toEqual({ sent: 0, dropped: 3000 - 1024, failed: 0 });
    collector.thaw();
    await expect.poll(() => counters(proxy)).toEqual({ sent: 1024, dropped: 3000 - 1024, failed: 0 });
    // A batch may be there twice, when the Collector took it and the answer was too late.
    await expect.poll(async () => unique(await collector.spans())).toBe(1024);
  });
});

/** A service with an Envoy of its own; both listeners export with the filter, no tracer runs. */
async function sidecar(
  name: string,
  calls: readonly string[],
  targets: Record<string, RunningEnvoy>,
  collector: Collector,
  protocol: Protocol,
) {
  const service: Service = keep(await startService(calls));
  const filter = {
    name: "trace-context",
    wasm,
    vmId: name,
    config: { export: exporting(protocol, { service_name: name, batch: { interval_ms: 100 } }) },
  };
  const listener = (direction: "inbound" | "outbound", routes: ListenerSpec["routes"]): ListenerSpec => ({
    name: direction === "inbound" ? "ingress" : "egress",
    direction,
    filters: [filter],
    routes: routes ?? [],
  });
  const proxy = await envoy({
    clusters: [
      { name: "app", url: service.url },
      cluster(collector, protocol),
      ...Object.entries(targets).map(([target, proxy]) => ({ name: target, url: proxy.url("ingress") })),
    ],
    listeners: [
      listener("inbound", [{ cluster: "app" }]),
      listener("outbound", [
        ...Object.keys(targets).map(target => ({ prefix: `/${target}`, cluster: target })),
        { response: { status: 404 } },
      ]),
    ],
  });
  service.egress = proxy.url("egress");
  return proxy;
}

/** One Envoy that answers by itself. */
const alone = (collector: Collector, protocol: Protocol, more: object) =>
  envoy({
    clusters: [cluster(collector, protocol)],
    listeners: [
      {
        name: "in",
        filters: [{ name: "trace-context", wasm, config: { export: exporting(protocol, more), expose: ["trace_id", "sampled"] } }],
        routes: [{ response: { status: 200, body: "ok" } }],
        accessLog: {
          json: {
            id: "%FILTER_STATE(wasm.trace_context.trace_id:PLAIN)%",
            sampled: "%FILTER_STATE(wasm.trace_context.sampled:PLAIN)%",
          },
        },
      },
    ],
  });

/** Waits until the Collector's file has `count` spans; more than that would be as wrong as less. */
async function written(collector: Collector, count: number): Promise<WrittenSpan[]> {
  await expect.poll(async () => (await collector.spans()).length).toBe(count);
  return collector.spans();
}

async function counters(proxy: RunningEnvoy): Promise<{ sent: number; dropped: number; failed: number }> {
  const count = (name: string) => proxy.stat(`wasmcustom.trace_context.export.${name}`);
  return { sent: await count("sent"), dropped: await count("dropped"), failed: await count("failed") };
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, count) => total + count, 0);
const unique = (spans: readonly WrittenSpan[]): number => new Set(spans.map(({ spanId }) => spanId)).size;

/** A line for each span, indented below its parent; a parent that is not there shows as a second root. */
function drawn(trace: readonly WrittenSpan[]): string[] {
  const ids = new Set(trace.map(({ spanId }) => spanId));
  const below = (parent: string, indent: string): string[] =>
    trace
      .filter(span => (parent === "" ? !ids.has(span.parentSpanId) : span.parentSpanId === parent))
      .sort((a, b) => Number(a.start - b.start))
      .flatMap(span => [`${indent}${span.service} ${span.kind} ${span.attributes["url.path"]}`, ...below(span.spanId, `${indent}  `)]);
  return below("", "");
}
