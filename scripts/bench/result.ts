import type { Crossings, ModuleSize } from "./hostcalls.ts";
import type { LoadResult } from "./load.ts";
import type { MemorySample } from "./memory.ts";
import type { Missing } from "./peers/index.ts";
import type { Spread } from "./statistics.ts";
import type { Program } from "./subject.ts";
import type { Traffic } from "./traffic.ts";

/** The parts of the comparison, each of which can be run alone. */
export const PARTS = ["instructions", "hostcalls", "cpu", "load", "start", "memory"] as const;
export type Part = (typeof PARTS)[number];

type ByTraffic<T> = Partial<Record<Traffic, T>>;

/** What was measured of one subject. Parts that were not run are absent. */
export interface SubjectResult {
  readonly name: string;
  readonly label: string;
  readonly program: Program;
  readonly own: boolean;
  /** User-mode instructions of the worker per request, above Envoy without a filter. */
  instructions?: ByTraffic<number>;
  crossings?: ByTraffic<Crossings>;
  size?: ModuleSize;
  cpu?: CpuResult;
  /** One filter, by the load generator's name. */
  load?: Record<string, LoadResult>;
  /** Milliseconds to the first answer, above Envoy without a filter. */
  startMs?: number;
  memory?: MemorySample[];
}

export interface CpuResult {
  /** Microseconds of the worker per request and filter, above Envoy without a filter. */
  readonly microseconds: Spread;
  /** The cost of the measured module over the cost of this, in the same rounds. */
  readonly ownOverThis: Spread | null;
  /** The cost of this over the cost of hand-written C. */
  readonly overC: Spread | null;
}

export interface BenchResult {
  readonly envoy: string;
  readonly machine: string;
  readonly date: string;
  /** Envoy without a filter. */
  readonly without: Pick<SubjectResult, "instructions" | "load" | "startMs" | "memory"> & { cpuMicroseconds?: number };
  readonly subjects: SubjectResult[];
  /** Peers and parts that were not measured, and why. */
  readonly missing: Missing[];
  /** By part: the command that measures it again. */
  readonly commands: Partial<Record<Part, string>>;
}

export function sameSubject(a: Pick<SubjectResult, "name" | "program">, b: Pick<SubjectResult, "name" | "program">): boolean {
  return a.name === b.name && a.program === b.program;
}
