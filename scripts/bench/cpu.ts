import { readdir, readFile } from "node:fs/promises";
import type { FilterSpec } from "../envoy-config/index.ts";
import { sendRequests } from "./client.ts";
import { answering, chainOf, type RunningEnvoy, withEnvoys } from "./envoy.ts";

export interface CpuPlan {
  readonly rounds: number;
  /** Requests to each Envoy in a round. */
  readonly requests: number;
  /** How often the filter stands in the chain: one alone drowns in noise. */
  readonly chain: number;
}

/** Nanoseconds of the workers' CPU time per request, in each round; first Envoy alone, then with each of the filters. */
export interface CpuRounds {
  readonly without: number[];
  readonly filters: number[][];
}

/** Connections of each round; the worker then mostly finds the next request waiting. */
const CONNECTIONS = 4;
const WARM_UP = 10_000;

/** CPU time of the worker, all Envoys at once and asked in turn, so that what disturbs one round disturbs all of it alike. */
export async function measureCpu(
  binary: string,
  filters: readonly FilterSpec[],
  request: string,
  { rounds, requests, chain }: CpuPlan,
  told: () => void = () => {},
): Promise<CpuRounds> {
  const specs = [null, ...filters].map(filter => answering(chainOf(filter, chain)));
  return withEnvoys(binary, specs, async running => {
    const workers = await Promise.all(running.map(({ envoy }) => workerThreads(envoy.pid)));
    for (const { target } of running) await sendRequests(target, [request], WARM_UP, CONNECTIONS);
    const times: number[][] = running.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < running.length; i++) {
        // Who comes first differs from round to round.
        const at = (i + round) % running.length;
        const { target } = running[at] as RunningEnvoy;
        const before = await cpuTime(workers[at] as string[]);
        await sendRequests(target, [request], requests, CONNECTIONS);
        times[at]?.push(((await cpuTime(workers[at] as string[])) - before) / requests);
      }
      told();
    }
    const [without = [], ...others] = times;
    return { without, filters: others };
  });
}

/** The folders in /proc of Envoy's worker threads, which are named `wrk:worker_0`. */
export async function workerThreads(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => {
    throw new Error("bench: CPU time is read from /proc, which only Linux has");
  });
  const names = await Promise.all(threads.map(thread => readFile(`${folder}/${thread}/comm`, "utf8").catch(() => "")));
  const workers = threads.filter((_, i) => names[i]?.startsWith("wrk:worker_"));
  if (workers.length === 0) throw new Error(`bench: no thread of process ${pid} is named wrk:worker_…; is it an Envoy?`);
  return workers.map(thread => `${folder}/${thread}`);
}

/** Nanoseconds that these threads have run: schedstat counts them, where stat only knows hundredths of a second. */
export async function cpuTime(threads: readonly string[]): Promise<number> {
  const texts = await Promise.all(threads.map(thread => readFile(`${thread}/schedstat`, "utf8")));
  return texts.reduce((sum, text) => sum + onCpu(text), 0);
}

export function onCpu(schedstat: string): number {
  const time = Number(schedstat.trim().split(" ")[0]);
  if (!(time > 0)) throw new Error("bench: this kernel keeps no schedstat (CONFIG_SCHED_INFO), from which CPU time is read");
  return time;
}
