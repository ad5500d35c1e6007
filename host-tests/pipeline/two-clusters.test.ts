import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeEach, describe, expect, it } from "vitest";
import { atExit } from "../../scripts/leftovers/index.ts";
import { type Collector, startCollector } from "../collector/collector.ts";
import type { WrittenSpan } from "../collector/span-file.ts";
import { startFile } from "./file.ts";
import { keep } from "./keep.ts";

const FOLDER = "examples/two-clusters";
const VERSIONS = ["1.37.0", "1.40.0"] as const;
const TENANTS = ["acme", "globex", "initech"];

let collector: Collector;
let app: string;
beforeEach(async () => {
  collector = keep(await startCollector({ configs: [`${FOLDER}/collector.yaml`] }));
  app = keep(await startApp(collector)).url;
});

/** Each gateway with Envoy's tracer, and with our filter alone. */
const PAIRS = ["west", "west-filter"].flatMap(west => ["east", "east-filter"].map(east => [west, east] as const));

describe.each(VERSIONS)("[envoy %s] two clusters", version => {
  it.each(PAIRS)("%s and %s: one trace over both, with the cluster of each, and the application below", async (west, east) => {
    const traces = await asked(version, west, east);
    expect(traces.size).toBe(TENANTS.length);
    const chains = [...traces.values()].map(fromRoot);
    for (const chain of chains) {
      expect(chain.map(({ service, attributes }) => [service, attributes["cluster.name"]])).toEqual([
        ["gateway-west", "us-west"],
        ["gateway-east", "us-east"],
        // Of the cluster the application knows nothing.
        ["orders", undefined],
      ]);
      // The application's tenant_id has the name that the mesh has for it.
      expect(new Set(chain.map(({ attributes }) => attributes["tenant.id"])).size).toBe(1);
      expect(chain.at(-1)?.attributes).not.toHaveProperty(["tenant_id"]);
    }
    expect(chains.map(([root]) => root?.attributes["tenant.id"]).sort()).toEqual(TENANTS);
  });

  it("a query finds the trace by what the mesh says and what the application says, on one trace id", async () => {
    const traces = await asked(version, "west", "east-filter");
    const [id, spans] = [...traces].find(([, [span]]) => span?.attributes["tenant.id"] === "acme") ?? [];
    // order_step stands on the application's span alone, cluster.name on those of the gateways alone.
    const found = await query("cluster.name=us-east", "order_step=reserve", "tenant.id=acme");
    expect(found).toMatchObject({ status: 0, err: "" });
    const lines = found.out.trimEnd().split("\n");
    expect(lines).toHaveLength(1 + (spans?.length ?? 0));
    expect(lines[0]).toBe(`trace ${id}`);
    expect(lines.map(line => /^ *([\w-]+)(?=: )/.exec(line)?.[0]).slice(1)).toEqual(["  gateway-west", "    gateway-east", "      orders"]);
    expect((await query(`trace=${id}`, "cluster.name=us-west")).out).toBe(found.out);
    // Each condition has to hold in the same trace.
    expect(await query("cluster.name=us-east", "tenant.id=nobody")).toMatchObject({
      status: 1,
      out: "",
      err: expect.stringContaining("no trace has"),
    });
    expect(await query("cluster.name=eu", "tenant.id=acme")).toMatchObject({ status: 1, out: "" });
    expect(await query(`trace=${id}`, "tenant.id=globex")).toMatchObject({ status: 1, out: "" });
    expect((await query("cluster.name=us-east")).out.match(/^trace /gm)).toHaveLength(TENANTS.length);
  });
});

it("the README names the conditions that the query takes, for Tempo and Elasticsearch as well", () => {
  const text = readFileSync(join(FOLDER, "README.md"), "utf8");
  expect(text).toContain("query.mjs traces.jsonl cluster.name=us-east tenant.id=acme");
  expect(text).toContain('{ span.cluster.name = "us-east" } && { span.tenant.id = "acme" }');
});

/** A request for each tenant through both gateways; the spans by trace. */
async function asked(version: string, west: string, east: string): Promise<Map<string, WrittenSpan[]>> {
  const second = keep(await startFile(`${FOLDER}/${east}.yaml`, version, { app, "opentelemetry-collector": collector.http }));
  const first = keep(
    await startFile(`${FOLDER}/${west}.yaml`, version, { app: second.url("ingress"), "opentelemetry-collector": collector.http }),
  );
  for (const tenant of TENANTS) {
    const { status, body } = await first.request({ path: "/orders", headers: [["x-tenant-id", tenant]] });
    expect({ status, body }).toEqual({ status: 200, body: `order of ${tenant}\n` });
  }
  await expect.poll(async () => (await collector.spans()).length).toBe(3 * TENANTS.length);
  const traces = new Map<string, WrittenSpan[]>();
  for (const span of await collector.spans()) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
  return traces;
}

/** The spans from the root down, where each has one child. */
function fromRoot(spans: readonly WrittenSpan[]): WrittenSpan[] {
  const chain: WrittenSpan[] = [];
  for (let parent = ""; ; ) {
    const next = spans.filter(({ parentSpanId }) => parentSpanId === parent);
    if (next.length === 0) return chain;
    expect(next).toHaveLength(1);
    chain.push(next[0] as WrittenSpan);
    parent = chain.at(-1)?.spanId ?? "";
  }
}

function query(...conditions: string[]): Promise<{ status: unknown; out: string; err: string }> {
  return new Promise(resolve => {
    execFile(process.execPath, [`${FOLDER}/query.mjs`, join(collector.folder, "spans.jsonl"), ...conditions], (error, out, err) => {
      resolve({ status: error ? error.code : 0, out, err });
    });
  });
}

async function startApp({ http }: Collector): Promise<{ url: string; stop(): Promise<void> }> {
  const env = { ...process.env, PORT: "0", OTEL_EXPORTER_OTLP_ENDPOINT: http };
  const child: ChildProcess = spawn(process.execPath, [`${FOLDER}/app.mjs`], { env, stdio: ["ignore", "pipe", "inherit"] });
  const forget = atExit(() => child.kill("SIGKILL"));
  const closed = once(child, "close");
  if (!child.stdout) throw new Error("the application has no output");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const port = /listening on (\d+)$/.exec(line)?.[1];
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGTERM");
      await closed;
      forget();
    },
  };
}
