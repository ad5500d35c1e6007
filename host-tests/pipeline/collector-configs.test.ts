import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { findCollector } from "../collector/build.ts";
import type { Collector } from "../collector/collector.ts";
import { quietPort } from "../istio/quiet-port.ts";
import { collect } from "./keep.ts";
import { makeTraces, otlpRequest, type Trace, type TraceKind } from "./traces.ts";

const run = promisify(execFile);
const AGENT = { OTEL_GATEWAY_ENDPOINT: "gateway:4317", CLUSTER_NAME: "cluster-a", KUBE_NODE_NAME: "node-1" };
const GATEWAY = { TRACES_ENDPOINT: "tempo:4317", LOGS_ENDPOINT: "https://loki:3100/otlp" };

const validate = async (file: string, env: object) =>
  run(await findCollector(), ["validate", "--config", file], { env: { PATH: process.env.PATH, ...env } });

/** Where the agent keeps what it could not send yet. */
async function queueFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "meshwright-queue-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function post(collector: Collector, body: string): Promise<void> {
  const response = await fetch(`${collector.http}/v1/traces`, { method: "POST", headers: { "content-type": "application/json" }, body });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

describe("the Collector's own check", () => {
  it.each([
    ["otel/agent.yaml", AGENT],
    ["otel/gateway.yaml", GATEWAY],
  ])("accepts %s, and refuses it where the environment says not where to export to", async (file, env) => {
    await validate(file, env);
    await expect(validate(file, {})).rejects.toThrow(/endpoint/);
  });
});

describe("otel/gateway.yaml", () => {
  it("keeps every failed, slow and critical trace of 10000 and a tenth of the rest, and counts all of them", async () => {
    const prometheus = `127.0.0.1:${await quietPort()}`;
    const collector = await collect({
      configs: ["otel/gateway.yaml"],
      env: { ...GATEWAY, CLUSTER_NAME: "cluster-a", CRITICAL_SERVICES: "[checkout, payment]" },
      config: {
        extensions: { health_check: { endpoint: `127.0.0.1:${await quietPort()}` } },
        processors: { tail_sampling: { decision_wait: "5s" } },
        connectors: { spanmetrics: { metrics_flush_interval: "1s" } },
        exporters: { prometheus: { endpoint: prometheus } },
        pipelines: { traces: { exporters: ["file"] } },
      },
    });
    const traces = makeTraces(10_000, BigInt(Date.now()) * 1_000_000n);
    // A root and its child come with different requests, as they do from two Envoys.
    for (let from = 0; from < traces.length; from += 500) {
      const part = traces.slice(from, from + 500);
      await post(
        collector,
        otlpRequest(
          "frontend",
          part.map(({ spans: [root] }) => root),
        ),
      );
      await sendChildren(collector, part);
    }
    const ids = (kind: TraceKind) => traces.filter(trace => trace.kind === kind).map(({ id }) => id);
    const kept = async () => new Set((await collector.spans()).map(({ traceId }) => traceId));
    const counted = async () => sum(await (await fetch(`http://${prometheus}/metrics`)).text(), "traces_span_metrics_calls_total");
    await expect.poll(counted).toBe(20_000);
    // Decided for all: what is kept of the last hundred is there, and nothing comes any more.
    await expect.poll(async () => missing(await kept(), [...ids("failed"), ...ids("slow"), ...ids("critical")])).toEqual([]);
    await collector.kill();
    const sampled = await kept();
    const plain = ids("plain");
    const rest = plain.filter(id => sampled.has(id)).length / plain.length;
    expect(rest).toBeGreaterThan(0.09);
    expect(rest).toBeLessThan(0.11);
    const spans = await collector.spans();
    // Whole traces, each once, with what the processors insert.
    expect(spans.length).toBe(2 * sampled.size);
    expect(new Set(spans.map(({ attributes }) => `${attributes["cluster.name"]} ${attributes.environment}`))).toEqual(
      new Set(["cluster-a production"]),
    );
    expect(new Set(spans.map(({ resource }) => resource["deployment.environment.name"]))).toEqual(new Set(["production"]));
  });
});

describe("otel/agent.yaml", () => {
  it("adds cluster and environment where nobody said them, and keeps what was said", async () => {
    const collector = await collect({
      configs: ["otel/agent.yaml"],
      env: { ...AGENT, OTEL_QUEUE_DIRECTORY: await queueFolder() },
      config: {
        extensions: { health_check: { endpoint: `127.0.0.1:${await quietPort()}` } },
        // The processor k8sattributes needs a cluster's API; that its configuration holds, the check above says.
        pipelines: {
          traces: { processors: ["memory_limiter", "resource", "attributes", "batch"], exporters: ["file"] },
          metrics: { processors: ["memory_limiter", "resource", "batch"] },
          logs: { processors: ["memory_limiter", "resource", "attributes", "batch"] },
        },
      },
    });
    const [silent, telling] = makeTraces(2, BigInt(Date.now()) * 1_000_000n) as [Trace, Trace];
    const own = { attributes: [{ key: "cluster.name", value: { stringValue: "cluster-b" } }] };
    await post(collector, otlpRequest("shop", [silent.spans[0], { ...telling.spans[0], ...own }]));
    await expect.poll(async () => (await collector.spans()).length).toBe(2);
    const spans = await collector.spans();
    const of = ({ id }: Trace) => spans.find(({ traceId }) => traceId === id);
    expect(of(silent)).toMatchObject({
      attributes: { "cluster.name": "cluster-a", environment: "production" },
      resource: { "k8s.cluster.name": "cluster-a", "deployment.environment.name": "production" },
    });
    expect(of(telling)?.attributes).toMatchObject({ "cluster.name": "cluster-b", environment: "production" });
  });
});

/** The children, those of critical traces from a critical service. */
async function sendChildren(collector: Collector, traces: readonly Trace[]): Promise<void> {
  const children = (of: readonly Trace[]) => of.map(({ spans: [, child] }) => child);
  await post(collector, otlpRequest("orders", children(traces.filter(({ kind }) => kind !== "critical"))));
  await post(collector, otlpRequest("checkout", children(traces.filter(({ kind }) => kind === "critical"))));
}

const missing = (among: ReadonlySet<string>, wanted: readonly string[]): string[] => wanted.filter(id => !among.has(id));

/** The sum of a counter over its series, of Prometheus' text. */
function sum(text: string, name: string): number {
  const values = text.split("\n").flatMap(line => (line.startsWith(`${name}{`) ? [Number(line.slice(line.lastIndexOf("}") + 1))] : []));
  return values.reduce((total, value) => total + value, 0);
}
