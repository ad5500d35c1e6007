import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Collector, startCollector } from "../collector/collector.ts";
import { examine, idsOf } from "../doctor/patient.ts";
import { type EnvoySpec, type RunningEnvoy, startEcho } from "../envoy/index.ts";
import { manyInTurn } from "../filters/in-turn.ts";
import { quietPort } from "../istio/quiet-port.ts";
import { startHotEnvoy } from "./hot-restart.ts";
import { collect, envoy, keep } from "./keep.ts";
import { IDENTITY, threeSignals } from "./pipeline-envoy.ts";
import { startSlowProxy } from "./slow-proxy.ts";
import { mountSmallDisk } from "./small-disk.ts";
import { steady } from "./steady.ts";

const spanIds = async (collector: Collector) => new Set((await collector.spans()).map(({ spanId }) => spanId));
const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, count) => total + count, 0);

describe("the gateway killed and back", () => {
  it("loses nothing: the agent keeps it on disk, also when the agent is restarted meanwhile", async () => {
    const gateway = await collect();
    const agent = await startAgent(gateway);
    const proxy = await envoy(exporting(agent.http));
    const send = (count: number) => manyInTurn(proxy.address("in"), count, 4, () => "");
    let requests = await send(500);
    await expect.poll(async () => (await spanIds(gateway)).size).toBe(requests);
    await gateway.kill();
    requests += await send(1000);
    await expect.poll(async () => (await counters(proxy)).sent).toBe(requests);
    // Ends as an orchestrator ends it; what the gateway does not take stays in the queue's file.
    await agent.kill();
    await agent.restart();
    requests += await send(500);
    await gateway.restart();
    await expect.poll(async () => (await spanIds(gateway)).size).toBe(requests);
    expect(await counters(proxy)).toEqual({ sent: requests, dropped: 0, failed: 0 });
  });
});

describe("an agent killed by the kernel while the gateway is away", () => {
  it("loses no more than the batch that it was putting together", async () => {
    const gateway = await collect();
    const agent = await startAgent(gateway);
    const proxy = await envoy(exporting(agent.http));
    await gateway.kill();
    let requests = 0;
    // In parts, because it is the agent that is looked at, not the queue before it.
    while (requests < 5000) {
      requests += await manyInTurn(proxy.address("in"), 500, 4, () => "");
      await expect.poll(async () => (await counters(proxy)).sent).toBe(requests);
    }
    await agent.crash();
    await agent.restart();
    await gateway.restart();
    await expect.poll(async () => (await spanIds(gateway)).size).toBeGreaterThanOrEqual(requests - AGENT_BATCH);
  });
});

describe("the upstream killed and back", () => {
  it("is answered 503 by Envoy, and each of these requests is a failed span and a log record with its flag", async () => {
    const collector = await collect();
    const upstream = await startEcho();
    const proxy = await envoy(threeSignals(collector, upstream.url));
    const status = async () => (await proxy.request({ headers: IDENTITY })).status;
    for (let i = 0; i < 20; i++) expect(await status()).toBe(200);
    await upstream.stop();
    for (let i = 0; i < 30; i++) expect(await status()).toBe(503);
    expect(idsOf(await examine(proxy))).toEqual(["response-flags"]);
    keep(await startEcho({ port: upstream.port }));
    for (let i = 0; i < 10; i++) expect(await status()).toBe(200);
    await expect.poll(async () => (await collector.spans()).length).toBe(60);
    const failed = (await collector.spans()).filter(span => span.failed);
    expect(failed.map(({ attributes }) => attributes["http.status_code"])).toEqual(Array.from({ length: 30 }, () => "503"));
    expect(failed.filter(({ attributes }) => !/U[FC]/.test(attributes.response_flags ?? ""))).toEqual([]);
    await expect.poll(async () => (await collector.logs()).filter(({ body }) => body === "GET / 503").length).toBe(30);
  });
});

describe("Envoy restarted hot", () => {
  it("answers every request, and each is a span and a log record, of the old process or the new", async () => {
    const collector = await collect();
    const port = await quietPort();
    const spec = threeSignals(collector, keep(await startEcho()).url);
    const proxy = keep(await startHotEnvoy({ ...spec, listeners: spec.listeners.map(listener => ({ ...listener, port })) }));
    const load = steady({ host: "127.0.0.1", port }, IDENTITY);
    await load.more(200);
    for (let restart = 0; restart < 2; restart++) {
      await proxy.restart();
      await load.more(200);
    }
    const statuses = await load.stop();
    const requests = sum(statuses);
    expect(statuses).toEqual({ 200: requests });
    await expect.poll(async () => (await spanIds(collector)).size).toBe(requests);
    await expect.poll(async () => (await collector.logs()).length).toBe(requests);
  });
});

describe("a slow Collector", () => {
  it("keeps no request waiting; what does not fit into the queue is counted, all else arrives", async () => {
    const collector = await collect();
    // 1 KiB in 20 ms is some hundred spans in a second, a tenth of what is made.
    const slow = keep(await startSlowProxy(collector.http, { bytes: 1024, everyMs: 20 }));
    const proxy = await envoy(exporting(slow.url));
    const requests = await manyInTurn(proxy.address("in"), 3000, 4, () => "");
    await expect.poll(async () => sum(await counters(proxy)), { timeout: 120_000 }).toBe(requests);
    const { sent, dropped, failed } = await counters(proxy);
    expect(failed).toBe(0);
    expect(dropped).toBeLessThanOrEqual(requests - QUEUE);
    await expect.poll(async () => (await spanIds(collector)).size).toBe(sent);
  });
});

describe("a disk that is full", () => {
  it("keeps no request waiting; the Collector refuses what it cannot write, and gets it again when it starts with room", async ({
    skip,
  }) => {
    const disk = mountSmallDisk(1024) ?? skip("no small disk could be mounted");
    const { folder } = keep(disk);
    const ballast = join(folder, "ballast");
    await writeFile(ballast, Buffer.alloc(896 * 1024));
    const collector = await collect({ fileFolder: folder });
    const proxy = await envoy(exporting(collector.http));
    const requests = await manyInTurn(proxy.address("in"), 3000, 4, () => "");
    await expect.poll(() => collector.said(/no space left on device/).length).toBeGreaterThan(0);
    // What was refused waits in the queue; what did not fit into it was counted when it came.
    await expect.poll(async () => sum(await counters(proxy))).toBeGreaterThanOrEqual(requests - QUEUE);
    expect(idsOf(await examine(proxy))).toContain("spans-dropped");
    await rm(ballast);
    // The exporter stays with its first error, whatever room there is.
    await collector.kill();
    await collector.restart();
    await expect.poll(async () => sum(await counters(proxy))).toBe(requests);
    const { sent } = await counters(proxy);
    await expect.poll(() => idsInText(collector).size).toBe(sent);
    // The line that was cut has no end, so the first one of the new start is behind it: a batch that cannot be read as a line.
    expect(spansInWholeLines(collector)).toBeGreaterThanOrEqual(sent - BATCH);
  });
});

const idsInText = (collector: Collector): Set<string> =>
  new Set([...readFileSync(collector.file, "utf8").matchAll(/"spanId":"([0-9a-f]{16})"/g)].map(([, id = ""]) => id));

function spansInWholeLines(collector: Collector): number {
  const whole = readFileSync(collector.file, "utf8").split("\n").filter(isJson);
  return new Set(whole.flatMap(line => [...line.matchAll(/"spanId":"([0-9a-f]{16})"/g)].map(([, id]) => id))).size;
}

function isJson(line: string): boolean {
  try {
    return Boolean(JSON.parse(line));
  } catch {
    return false;
  }
}

const BATCH = 128;
/** `send_batch_size` in otel/agent.yaml. */
const AGENT_BATCH = 1024;
const QUEUE = 1024;

/** Spans by trace-context, whose queue is bounded and counted. */
function exporting(collector: string): EnvoySpec {
  const batch = { max_spans: BATCH, interval_ms: 100, max_queue: QUEUE };
  const config = { export: { cluster: "otel", timeout_ms: 10_000, batch } };
  const filter = { name: "trace-context", wasm: "build/trace-context.wasm", config };
  return {
    clusters: [{ name: "otel", url: collector }],
    listeners: [{ name: "in", filters: [filter], routes: [{ response: { status: 200, body: "ok" } }] }],
  };
}

async function counters(proxy: RunningEnvoy): Promise<{ sent: number; dropped: number; failed: number }> {
  const count = (name: string) => proxy.stat(`wasmcustom.trace_context.export.${name}`);
  return { sent: await count("sent"), dropped: await count("dropped"), failed: await count("failed") };
}

/** otel/agent.yaml before a gateway, without what needs a cluster's API. */
async function startAgent(gateway: Collector): Promise<Collector> {
  const queue = await mkdtemp(join(tmpdir(), "meshwright-queue-"));
  onTestFinished(() => rm(queue, { recursive: true, force: true }));
  const started = await startCollector({
    configs: ["otel/agent.yaml"],
    env: {
      OTEL_GATEWAY_ENDPOINT: new URL(gateway.grpc).host,
      OTEL_GATEWAY_INSECURE: "true",
      OTEL_QUEUE_DIRECTORY: queue,
      CLUSTER_NAME: "cluster-a",
      KUBE_NODE_NAME: "node-1",
    },
    config: {
      extensions: { health_check: { endpoint: `127.0.0.1:${await quietPort()}` } },
      exporters: { "otlp/gateway": { retry_on_failure: { max_interval: "1s" } } },
      pipelines: {
        traces: { processors: ["memory_limiter", "resource", "attributes", "batch"] },
        metrics: { processors: ["memory_limiter", "resource", "batch"] },
        logs: { processors: ["memory_limiter", "resource", "attributes", "batch"] },
      },
    },
  });
  return keep(started);
}
