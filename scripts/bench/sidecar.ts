import type { EnvoySpec, FilterSpec } from "../envoy-config/index.ts";
import { cpuTime, workerThreads } from "./cpu.ts";
import { chainOf, type RunningEnvoy, withEnvoys } from "./envoy.ts";
import { h2load, type LoadGenerator, type LoadResult, loadGenerators, wrk } from "./load.ts";
import type { Progress } from "./progress.ts";
import { SERVICES, type Service } from "./services.ts";
import { median, type Spread, spreadOf } from "./statistics.ts";
import { requestOf, type Traffic } from "./traffic.ts";

export interface SidecarPlan {
  readonly binary: string;
  readonly filters: readonly { readonly label: string; readonly filter: FilterSpec }[];
  readonly traffic: Traffic;
  readonly rounds: number;
  readonly seconds: number;
  readonly progress: Progress;
}

/** One way of asking, as it went through the sidecar without filters, and with each filter beside it. */
export interface SidecarLoad {
  readonly service: string;
  readonly how: string;
  readonly without: LoadResult & { cpuMicroseconds: number };
  readonly filters: SidecarOverhead[];
}

/** Relative to the same round without filters: 1.03 is 3 % more. */
export interface SidecarOverhead {
  readonly label: string;
  /** How much longer a request takes, by requests per second; null where the rate was given. */
  readonly throughput: Spread | null;
  readonly p50: Spread;
  readonly p99: Spread;
  /** CPU time of the sidecar's worker per request. */
  readonly cpu: Spread;
}

export interface SidecarResult {
  readonly loads: SidecarLoad[];
  readonly missing: string[];
}

const CONNECTIONS = 16;

interface Round extends LoadResult {
  readonly cpuMicroseconds: number;
}

interface Way {
  readonly how: string;
  readonly generator: LoadGenerator;
  /** At half of the rate that the way before it came to without filters. */
  readonly half: boolean;
}

/** Each service behind a sidecar without filters and behind one for each filter, in turn, round by round. */
export async function measureSidecar(plan: SidecarPlan): Promise<SidecarResult> {
  const { binary, filters, rounds, progress } = plan;
  const { found, missing } = await loadGenerators();
  const ways: Way[] = [];
  if (found.includes(wrk)) ways.push({ how: "wrk, HTTP/1.1, as fast as it goes", generator: wrk, half: false });
  if (found.includes(h2load)) {
    ways.push({ how: "h2load, HTTP/2, as fast as it goes", generator: h2load, half: false });
    ways.push({ how: "h2load, HTTP/2, at half of that rate", generator: h2load, half: true });
  }
  progress.begin("sidecar", SERVICES.length * ways.length * rounds * (filters.length + 1));
  const loads: SidecarLoad[] = [];
  for (const service of SERVICES) loads.push(...(await service.run(binary, url => inFrontOf(plan, ways, service, url))));
  return { loads, missing };
}

function inFrontOf(plan: SidecarPlan, ways: readonly Way[], { label }: Service, url: string): Promise<SidecarLoad[]> {
  const { binary, filters } = plan;
  const specs = [null, ...filters.map(({ filter }) => filter)].map(filter => sidecar(filter, url));
  return withEnvoys(binary, specs, async running => {
    const loads: SidecarLoad[] = [];
    for (const { how, generator, half } of ways) {
      const rate = half ? (loads.at(-1)?.without.requestsPerSecond ?? 0) / 2 : undefined;
      const measured = await inTurn(plan, running, generator, how, rate);
      loads.push({ service: label, ...overheads(how, measured, filters, !half) });
    }
    return loads;
  });
}

function sidecar(filter: FilterSpec | null, url: string): EnvoySpec {
  return { listeners: [{ name: "sidecar", filters: chainOf(filter, 1) }], clusters: [{ name: "service", url }] };
}

async function inTurn(
  { filters, traffic, rounds, seconds, progress }: SidecarPlan,
  running: readonly RunningEnvoy[],
  generator: LoadGenerator,
  how: string,
  rate: number | undefined,
): Promise<Round[][]> {
  const workers = await Promise.all(running.map(({ envoy }) => workerThreads(envoy.pid)));
  const request = requestOf(traffic);
  const plan = { seconds, connections: CONNECTIONS, ...(rate === undefined ? {} : { rate }) };
  // Connections upstream are opened, and V8 puts its optimised code in place.
  for (const { target } of running) await generator.run(target, request, { ...plan, seconds: 1 });
  const measured = running.map((): Round[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < running.length; i++) {
      const at = (i + round) % running.length;
      const { target } = running[at] as RunningEnvoy;
      const threads = workers[at] as string[];
      progress.say(`${how}: ${filters[at - 1]?.label ?? "no filter"}`);
      const before = await cpuTime(threads);
      const figures = await generator.run(target, request, plan);
      const spent = (await cpuTime(threads)) - before;
      measured[at]?.push({ ...figures, cpuMicroseconds: spent / 1000 / (figures.requestsPerSecond * seconds) });
      progress.step();
    }
  }
  return measured;
}

/** Compares each round with the one without filters beside it. */
export function overheads(
  how: string,
  [without = [], ...others]: readonly (readonly Round[])[],
  filters: readonly { readonly label: string }[],
  isFree: boolean,
): Omit<SidecarLoad, "service"> {
  const of = (rounds: readonly Round[], figure: (round: Round) => number): Spread =>
    spreadOf(rounds.map((round, i) => figure(round) / figure(without[i] as Round)));
  const middle = (figure: (round: Round) => number): number => median(without.map(figure));
  return {
    how,
    without: {
      requestsPerSecond: middle(({ requestsPerSecond }) => requestsPerSecond),
      p50: middle(({ p50 }) => p50),
      p99: middle(({ p99 }) => p99),
      cpuMicroseconds: middle(({ cpuMicroseconds }) => cpuMicroseconds),
    },
    filters: filters.map(({ label }, i) => {
      const rounds = others[i] ?? [];
      return {
        label,
        throughput: isFree ? of(rounds, ({ requestsPerSecond }) => 1 / requestsPerSecond) : null,
        p50: of(rounds, ({ p50 }) => p50),
        p99: of(rounds, ({ p99 }) => p99),
        cpu: of(rounds, ({ cpuMicroseconds }) => cpuMicroseconds),
      };
    }),
  };
}
