import { needValgrind } from "./callgrind.ts";
import { measureCpu } from "./cpu.ts";
import { answering, chainOf, withEnvoys } from "./envoy.ts";
import { countCrossings, sizeOf } from "./hostcalls.ts";
import { countInstructions } from "./instructions.ts";
import { loadGenerators } from "./load.ts";
import { type MemorySample, sampleMemory } from "./memory.ts";
import type { Progress } from "./progress.ts";
import type { BenchResult, Part, SubjectResult } from "./result.ts";
import { measureStart } from "./start-time.ts";
import { median, pairedRatio, spreadOf } from "./statistics.ts";
import { type Subject, titleOf } from "./subject.ts";
import { AWKWARD_REQUEST, requestOf, TRAFFICS, type Traffic } from "./traffic.ts";

/** How much of everything; `--quick` asks for less. */
export interface Effort {
  readonly cpuRounds: number;
  readonly cpuRequests: number;
  readonly loadRounds: number;
  readonly loadSeconds: number;
  readonly starts: number;
  readonly memoryAt: readonly number[];
}

export const FULL: Effort = {
  cpuRounds: 60,
  cpuRequests: 1_500,
  loadRounds: 5,
  loadSeconds: 2,
  starts: 9,
  memoryAt: [100_000, 1_000_000],
};
export const QUICK: Effort = { cpuRounds: 8, cpuRequests: 1_000, loadRounds: 2, loadSeconds: 1, starts: 3, memoryAt: [10_000, 100_000] };

export interface Comparison {
  readonly binary: string;
  readonly subjects: readonly Subject[];
  readonly traffics: readonly Traffic[];
  readonly effort: Effort;
  readonly progress: Progress;
  readonly result: BenchResult;
  /** Called when there is something new in the result, so that a run that is broken off has not been in vain. */
  readonly save: () => Promise<void>;
}

/** How often the filter stands in the chain where CPU time is measured. */
export const CHAIN = 8;
const LOAD_CONNECTIONS = 16;

/** Each part writes what it found into the result. */
export const MEASURES: Readonly<Record<Part, (comparison: Comparison) => Promise<void>>> = {
  instructions,
  hostcalls,
  cpu,
  load,
  start,
  memory,
};

async function instructions({ binary, subjects: all, traffics, progress, result, save }: Comparison): Promise<void> {
  await needValgrind();
  const subjects = [...tasks(all), ...all.filter(({ program }) => program !== "task")];
  progress.begin("instructions", subjects.length + 1);
  progress.say("no filter");
  const base = await countInstructions(binary, answering([]), traffics.map(requestOf));
  result.without.instructions = byTraffic(traffics, base);
  progress.step();
  for (const subject of subjects) {
    progress.say(titleOf(subject));
    const wanted = traffics.filter(traffic => isMeasured(subject, traffic));
    const counts = await countInstructions(binary, answering([subject.filter], subject.other), wanted.map(requestOf));
    const above = counts.map((count, i) => Math.round(count - (base[traffics.indexOf(wanted[i] as Traffic)] ?? 0)));
    resultOf(result, subject).instructions = byTraffic(wanted, above);
    progress.step();
    await save();
  }
}

/** The header is the same for all traffic, so the small programs are measured on the first kind only. */
function isMeasured({ program, own }: Subject, traffic: Traffic): boolean {
  return own || program === "task" || traffic === "hit";
}

async function hostcalls({ subjects, traffics, progress, result }: Comparison): Promise<void> {
  progress.begin("hostcalls", subjects.length);
  for (const subject of subjects) {
    progress.say(titleOf(subject));
    if ("wasm" in subject.filter) {
      const entry = resultOf(result, subject);
      entry.crossings = byTraffic(traffics, countCrossings(subject.filter, traffics.map(requestOf)));
      entry.size = await sizeOf(subject.filter.wasm);
    }
    progress.step();
  }
}

async function cpu({ binary, subjects: all, traffics, effort, progress, result }: Comparison): Promise<void> {
  const subjects = tasks(all);
  const plan = { rounds: effort.cpuRounds, requests: effort.cpuRequests, chain: CHAIN };
  progress.begin("CPU", plan.rounds);
  progress.say(`${subjects.length} filters, ${CHAIN} in a chain`);
  const filters = subjects.map(({ filter }) => filter);
  const measured = await measureCpu(binary, filters, requestOf(firstOf(traffics)), plan, () => {
    progress.step();
    progress.say(`${subjects.length} filters, ${CHAIN} in a chain`);
  });
  result.without.cpuMicroseconds = median(measured.without) / 1000;
  const costs = (match: (subject: Subject) => boolean): number[] | undefined => measured.filters[subjects.findIndex(match)];
  const own = costs(subject => subject.own);
  const c = costs(({ name }) => name === "c");
  for (const [i, subject] of subjects.entries()) {
    const mine = measured.filters[i] ?? [];
    resultOf(result, subject).cpu = {
      microseconds: spreadOf(mine.map((each, round) => (each - (measured.without[round] ?? 0)) / CHAIN / 1000)),
      ownOverThis: own ? pairedRatio(own, mine, measured.without) : null,
      overC: c ? pairedRatio(mine, c, measured.without) : null,
    };
  }
}

async function load({ binary, subjects: all, traffics, effort, progress, result }: Comparison): Promise<void> {
  const subjects = tasks(all);
  const { found, missing } = await loadGenerators();
  for (const reason of missing) result.missing.push({ name: "load", label: "requests per second", reason });
  const specs = [answering([]), ...subjects.map(({ filter }) => answering([filter]))];
  const plan = { seconds: effort.loadSeconds, connections: LOAD_CONNECTIONS };
  const request = requestOf(firstOf(traffics));
  progress.begin("load", effort.loadRounds * found.length * specs.length);
  await withEnvoys(binary, specs, async running => {
    for (const generator of found) {
      const rounds = running.map(() => [] as Awaited<ReturnType<typeof generator.run>>[]);
      for (let round = 0; round < effort.loadRounds; round++) {
        for (let i = 0; i < running.length; i++) {
          const at = (i + round) % running.length;
          const subject = subjects[at - 1];
          progress.say(`${generator.name}: ${subject ? titleOf(subject) : "no filter"}`);
          const target = running[at]?.target;
          if (target) rounds[at]?.push(await generator.run(target, request, plan));
          progress.step();
        }
      }
      const medians = rounds.map(each => ({
        requestsPerSecond: median(each.map(({ requestsPerSecond }) => requestsPerSecond)),
        p50: median(each.map(({ p50 }) => p50)),
        p99: median(each.map(({ p99 }) => p99)),
      }));
      for (const [i, figures] of medians.entries()) {
        const subject = subjects[i - 1];
        const entry = subject ? resultOf(result, subject) : result.without;
        entry.load = { ...entry.load, [generator.name]: figures };
      }
    }
  });
}

async function start({ binary, subjects: all, traffics, effort, progress, result }: Comparison): Promise<void> {
  const subjects = tasks(all);
  const specs = [answering([]), ...subjects.map(({ filter }) => answering([filter]))];
  const times = specs.map((): number[] => []);
  progress.begin("start", effort.starts * specs.length);
  for (let round = 0; round < effort.starts; round++) {
    for (const [i, spec] of specs.entries()) {
      const subject = subjects[i - 1];
      progress.say(subject ? titleOf(subject) : "no filter");
      times[i]?.push(await measureStart(binary, spec, requestOf(firstOf(traffics))));
      progress.step();
    }
  }
  const [without = [], ...others] = times;
  result.without.startMs = median(without);
  for (const [i, subject] of subjects.entries()) {
    resultOf(result, subject).startMs = median((others[i] ?? []).map((time, round) => time - (without[round] ?? 0)));
  }
}

async function memory({ binary, subjects: all, traffics, effort, progress, result, save }: Comparison): Promise<void> {
  const subjects = tasks(all);
  // All traffic is also what nobody would send: a leak hides where values are repeated, broken or long.
  const kinds = [...traffics.map(requestOf), ...(traffics.length === TRAFFICS.length ? [AWKWARD_REQUEST] : [])];
  progress.begin("memory", (subjects.length + 1) * effort.memoryAt.length);
  const sample = (subject: Subject | null): Promise<MemorySample[]> => {
    progress.say(subject ? titleOf(subject) : "no filter");
    return sampleMemory(binary, answering(chainOf(subject?.filter ?? null, 1), subject?.other), kinds, effort.memoryAt, () =>
      progress.step(),
    );
  };
  result.without.memory = await sample(null);
  for (const subject of subjects) {
    resultOf(result, subject).memory = await sample(subject);
    await save();
  }
}

function tasks(subjects: readonly Subject[]): Subject[] {
  return subjects.filter(({ program }) => program === "task");
}

function firstOf(traffics: readonly Traffic[]): Traffic {
  return traffics[0] ?? "hit";
}

function resultOf(result: BenchResult, subject: Subject): SubjectResult {
  const entry = result.subjects.find(each => each.name === subject.name && each.program === subject.program);
  if (!entry) throw new Error(`bench: ${subject.name} is not in the result`);
  return entry;
}

function byTraffic<T>(traffics: readonly Traffic[], values: readonly T[]): Partial<Record<Traffic, T>> {
  return Object.fromEntries(traffics.map((traffic, i) => [traffic, values[i]])) as Partial<Record<Traffic, T>>;
}
