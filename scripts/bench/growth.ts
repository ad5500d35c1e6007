import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { EnvoySpec, FilterSpec } from "../envoy-config/index.ts";
import { needValgrind } from "./callgrind.ts";
import { sendRequests } from "./client.ts";
import { answering, chainOf, withEnvoy } from "./envoy.ts";
import { HOLDING_FILTER, holdStreams } from "./held-streams.ts";
import { countInstructions, type InstructionOptions } from "./instructions.ts";
import { memoryOf } from "./memory.ts";
import type { Progress } from "./progress.ts";
import { requestOf, requestWithBody, requestWithFields } from "./traffic.ts";

/** What is varied. */
export const AXES = ["headers", "attributes", "body", "streams", "chain", "workers"] as const;
export type Axis = (typeof AXES)[number];

/** Fewer than where filters are compared: what grows shows in thousands. */
const EFFORT: InstructionOptions = { warmUp: 4_000, counted: 500 };

/** A filter whose growth is looked at. */
export interface Growing {
  readonly label: string;
  readonly filter: FilterSpec;
}

export interface GrowthPlan {
  readonly binary: string;
  /** The module itself, under the task's configuration. */
  readonly own: Growing;
  readonly peers: readonly Growing[];
  /** The module with as many attributes; null where its configuration has none. */
  readonly withAttributes: ((count: number) => FilterSpec) | null;
  /** A filter that is told of each piece of a body. */
  readonly withBodyCallback: Growing;
  readonly axes: readonly Axis[];
  readonly progress: Progress;
  /** Called after each axis, so that a run that is broken off has not been in vain. */
  readonly save: (result: GrowthResult) => Promise<void>;
}

export interface GrowthRow {
  readonly point: string;
  /** Envoy without a filter. */
  readonly without: number;
  /** Above it, by label. */
  readonly above: Record<string, number>;
  /** Linear memory of all VMs in KiB, by label; for workers. */
  readonly wasmKiB?: Record<string, number>;
}

export type GrowthResult = Partial<Record<Axis, GrowthRow[]>>;

/** Of an Envoy without a filter, which is the same at several points. */
type Known = Map<string, number>;

interface Point {
  readonly label: string;
  readonly filters: readonly Growing[];
  readonly request: string;
  readonly options?: InstructionOptions;
  /** How the filter stands in Envoy's configuration; alone and answered by Envoy by default. */
  readonly spec?: (filter: FilterSpec | null) => EnvoySpec;
}

/** Counts instructions along each axis, always above an Envoy without the filter that is asked the same. */
export async function measureGrowth(plan: GrowthPlan): Promise<GrowthResult> {
  await needValgrind();
  const result: GrowthResult = {};
  const upstream = await startSink();
  try {
    for (const axis of plan.axes) {
      const points = POINTS[axis](plan, upstream.url);
      plan.progress.begin(
        `growth with ${axis}`,
        points.reduce((sum, { filters }) => sum + filters.length + 1, 0),
      );
      const rows: GrowthRow[] = [];
      const known: Known = new Map();
      for (const point of points) rows.push(await measurePoint(plan, axis, point, known));
      result[axis] = rows;
      await plan.save(result);
    }
  } finally {
    await upstream.stop();
  }
  return result;
}

async function measurePoint({ binary, progress }: GrowthPlan, axis: Axis, point: Point, known: Known): Promise<GrowthRow> {
  const spec = point.spec ?? ((filter: FilterSpec | null) => answering(chainOf(filter, 1)));
  const count = async (filter: FilterSpec | null, label: string): Promise<number> => {
    progress.say(`${point.label}, ${label}`);
    const [instructions = Number.NaN] = await countInstructions(binary, spec(filter), [point.request], { ...EFFORT, ...point.options });
    progress.step();
    return instructions;
  };
  // Streams that are held are part of the point, and no part of what can be compared.
  const key = point.options?.beside ? point.label : JSON.stringify([spec(null), point.request, point.options]);
  const without = known.get(key) ?? (await count(null, "no filter"));
  known.set(key, without);
  const above: Record<string, number> = {};
  const wasmKiB: Record<string, number> = {};
  for (const { label, filter } of point.filters) {
    above[label] = Math.round((await count(filter, label)) - without);
    if (axis === "workers" && "wasm" in filter) wasmKiB[label] = await wasmMemory(binary, spec(filter), point);
  }
  return { point: point.label, without: Math.round(without), above, ...(axis === "workers" ? { wasmKiB } : {}) };
}

async function wasmMemory(binary: string, spec: EnvoySpec, { request, options }: Point): Promise<number> {
  const workers = options?.workers ?? 1;
  return withEnvoy(
    binary,
    spec,
    async ({ envoy, target }) => {
      await sendRequests(target, [request], 1_000, 8);
      const { wasmKiB } = await memoryOf(envoy.pid, true);
      return wasmKiB.reduce((sum, each) => sum + each, 0);
    },
    { workers },
  );
}

const KIB = 1024;

const POINTS: Readonly<Record<Axis, (plan: GrowthPlan, upstream: string) => Point[]>> = {
  headers: ({ own, peers }) =>
    [5, 20, 100].map(count => ({
      label: `${count} headers`,
      filters: [own, ...peers],
      request: requestWithFields(count),
      // Envoy refuses more than 100 by default, and adds its own.
      spec: filter => listener(filter, { common_http_protocol_options: { max_headers_count: 200 } }),
    })),
  attributes: ({ own, withAttributes }) =>
    withAttributes
      ? [1, 4, 16].map(count => ({
          label: count === 1 ? "1 attribute" : `${count} attributes`,
          filters: [{ label: own.label, filter: withAttributes(count) }],
          request: requestOf("hit"),
        }))
      : [],
  body: ({ own, withBodyCallback }, url) =>
    [KIB, KIB * KIB].map(bytes => ({
      label: bytes === KIB ? "1 KB" : "1 MB",
      filters: [own, withBodyCallback],
      request: requestWithBody(bytes),
      options: bytes === KIB ? { within: 0.005 } : { warmUp: 300, counted: 100, within: 0.01 },
      spec: filter => ({ ...answering(chainOf(filter, 1)), clusters: [{ name: "sink", url }] }),
    })),
  streams: ({ own, peers }) =>
    [10, 500, 5_000].map(count => ({
      label: `${count.toLocaleString("en-US")} open streams`,
      filters: [own, ...peers],
      request: requestOf("hit"),
      spec: filter => answering([...chainOf(filter, 1), HOLDING_FILTER]),
      options: { beside: running => holdStreams(running, count, requestOf("hit")) },
    })),
  chain: ({ own }) =>
    [1, 4, 16].map(count => ({
      label: count === 1 ? "1 filter" : `${count} filters`,
      filters: [own],
      request: requestOf("hit"),
      spec: filter => answering(chainOf(filter, count)),
    })),
  workers: ({ own }) =>
    [1, 2].map(workers => ({
      label: workers === 1 ? "1 worker" : `${workers} workers`,
      filters: [own],
      request: requestOf("hit"),
      options: { workers, connections: 8 },
    })),
};

function listener(filter: FilterSpec | null, hcm: Record<string, unknown>): EnvoySpec {
  return { listeners: [{ name: "bench", filters: chainOf(filter, 1), hcm }] };
}

/** An upstream that takes a body to its end before it answers: Envoy itself would answer before the body is there. */
async function startSink(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { "content-length": 2 }).end("ok"));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
