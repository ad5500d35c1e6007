import { describe, expect, it } from "vitest";
import { startEcho } from "../envoy/index.ts";
import { collect, envoy, keep } from "./keep.ts";
import { hasLoadTool, load, type Stage } from "./load.ts";
import { IDENTITY, threeSignals } from "./pipeline-envoy.ts";

const PROFILE: readonly Stage[] = [
  { requests: 1_000, connections: 2 },
  { requests: 6_000, connections: 20 },
  { requests: 2_000, connections: 40 },
  { requests: 1_000, connections: 5 },
];
const ALL = 10_000;

describe("under load", () => {
  it.skipIf(!hasLoadTool())("the load tool, Envoy and the Collector's spans, logs and metrics count the same", async () => {
    const collector = await collect();
    const proxy = await envoy(threeSignals(collector, keep(await startEcho()).url));
    expect(await load(`${proxy.url("in")}/cart`, PROFILE, IDENTITY)).toEqual({ sent: ALL, succeeded: ALL, with2xx: ALL });
    expect(await proxy.stat("http.in.downstream_rq_2xx")).toBe(ALL);
    const written = async () => ({
      spans: new Set((await collector.spans()).map(({ spanId }) => spanId)).size,
      logs: (await collector.logs()).length,
      requests: (await collector.metrics()).filter(({ name }) => name.endsWith("tenant_requests")).at(-1)?.value,
    });
    await expect.poll(written).toEqual({ spans: ALL, logs: ALL, requests: ALL });
    expect(await proxy.stat("tracing.opentelemetry.spans_dropped")).toBe(0);
    // Each line of the log leads to a span, and no two to the same.
    const spans = new Set((await collector.spans()).map(({ traceId, spanId }) => `${traceId} ${spanId}`));
    const logs = new Set((await collector.logs()).map(({ traceId, spanId }) => `${traceId} ${spanId}`));
    expect([...logs].filter(id => !spans.has(id))).toEqual([]);
    expect(logs.size).toBe(ALL);
  });
});
