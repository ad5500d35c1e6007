import { cpuTime, workerThreads } from "./cpu.ts";
import { type RunningEnvoy, withEnvoys } from "./envoy.ts";
import { h2load, type LoadGenerator, type LoadResult, loadGenerators, wrk } from "./load.ts";
import type { Progress } from "./progress.ts";
import { SERVICE_NAMES, SERVICES, type Service, type ServiceName, withSink } from "./services.ts";
import { countSidecars, type SidecarInstructions } from "./sidecar-instructions.ts";
import { envoysIn, SIDECARS, type SidecarFilter, scenesOf } from "./sidecars.ts";
import { median, type Spread, spreadOf } from "./statistics.ts";
import type { Subject } from "./subject.ts";
import { ToolMissingError } from "./tool-missing.ts";
import { requestOf, type Traffic } from "./traffic.ts";

/** What is measured of a sidecar, each of which can be run alone: its instructions, and its load in front of each service. */
export const SIDECAR_PARTS = ["instructions", ...SERVICE_NAMES] as const;
export type SidecarPart = (typeof SIDECAR_PARTS)[number];

export interface SidecarPlan {
  readonly binary: string;
  readonly envoyVersion: string;
  readonly subjects: readonly Subject[];
  readonly traffic: Traffic;
  readonly rounds: number;
  readonly seconds: number;
  readonly parts: readonly SidecarPart[];
  readonly progress: Progress;
}

/** One way of asking, as it went through the sidecar without filters, and with each filter beside it. */
export interface SidecarLoad {
  readonly sidecar: string;
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

/** Parts that were not run are absent. */
export interface SidecarResult {
  readonly instructions?: readonly SidecarInstructions[];
  /** In front of each service. */
  readonly loads: Readonly<Partial<Record<ServiceName, readonly SidecarLoad[]>>>;
  readonly missing: readonly string[];
}

const CONNECTIONS = 16;

type Overheads = Omit<SidecarLoad, "sidecar">;

interface Round extends LoadResult {
  readonly cpuMicroseconds: number;
}

interface Way {
  readonly how: string;
  readonly generator: LoadGenerator;
  /** At half of the rate that the way before it came to without filters. */
  readonly half: boolean;
}

/** What each filter adds to a sidecar, in instructions and in time. */
export async function measureSidecar(plan: SidecarPlan): Promise<SidecarResult> {
  const missing: string[] = [];
  const unlessMissing = <T>(measured: Promise<T>): Promise<T | undefined> =>
    measured.catch((error: unknown) => {
      if (!(error instanceof ToolMissingError)) throw error;
      missing.push(error.message);
      return undefined;
    });
  const instructions = plan.parts.includes("instructions") ? await unlessMissing(countSidecars(plan)) : undefined;
  const services = SERVICES.filter(({ name }) => plan.parts.includes(name));
  const measured = services.length > 0 ? await unlessMissing(measureLoads(plan, services)) : undefined;
  return { ...(instructions && { instructions }), loads: measured?.loads ?? {}, missing: [...missing, ...(measured?.missing ?? [])] };
}

/** Each service behind each sidecar: one without filters and one for each filter, in turn, round by round. */
async function measureLoads(plan: SidecarPlan, services: readonly Service[]): Promise<Omit<SidecarResult, "instructions">> {
  const { binary, envoyVersion, subjects, rounds, progress } = plan;
  const { found, missing } = await loadGenerators();
  const ways: Way[] = [];
  if (found.includes(wrk)) ways.push({ how: "wrk, HTTP/1.1, as fast as it goes", generator: wrk, half: false });
  if (found.includes(h2load)) {
    ways.push({ how: "h2load, HTTP/2, as fast as it goes", generator: h2load, half: false });
    ways.push({ how: "h2load, HTTP/2, at half of that rate", generator: h2load, half: true });
  }
  const scenes = scenesOf(SIDECARS, subjects, envoyVersion);
  progress.begin("sidecar", services.length * ways.length * rounds * envoysIn(scenes));
  const loads: Partial<Record<ServiceName, SidecarLoad[]>> = {};
  for (const { name, run } of services) {
    const ofService: SidecarLoad[] = [];
    for (const { sidecar, filters } of scenes) {
      const measured = await run(binary, url =>
        withSink(binary, sink => {
          const specs = [null, ...filters].map(each => sidecar.spec(each?.filter ?? null, url, sink));
          return withEnvoys(binary, specs, running => inEachWay(plan, ways, filters, running));
        }),
      );
      ofService.push(...measured.map(load => ({ sidecar: sidecar.label, ...load })));
    }
    loads[name] = ofService;
  }
  return { loads, missing };
}

async function inEachWay(
  plan: SidecarPlan,
  ways: readonly Way[],
  filters: readonly SidecarFilter[],
  running: readonly RunningEnvoy[],
): Promise<Overheads[]> {
  const loads: Overheads[] = [];
  for (const { how, generator, half } of ways) {
    const rate = half ? (loads.at(-1)?.without.requestsPerSecond ?? 0) / 2 : undefined;
    loads.push(overheads(how, await inTurn(plan, filters, running, generator, how, rate), filters, !half));
  }
  return loads;
}

async function inTurn(
  { traffic, rounds, seconds, progress }: SidecarPlan,
  filters: readonly SidecarFilter[],
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
): Overheads {
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
