import { readFile, writeFile } from "node:fs/promises";
import type { Crossings, ModuleSize } from "./hostcalls.ts";
import { TRAFFICS, type Traffic } from "./traffic.ts";

type ByTraffic = Partial<Record<Traffic, number>>;

/** What a module may cost: `bench/budgets/<name>.json`, under review with the code that it limits. */
export interface Budget {
  /** The Envoy on which instructions were counted. */
  envoy: string;
  /** The configuration under which it is measured; absent: none. */
  config?: unknown;
  /** Per request, above Envoy without a filter. */
  instructions: ByTraffic;
  hostcalls: ByTraffic;
  /** Allocations that the host asks the module for, per request. */
  allocations: ByTraffic;
  size: { bytes: number; withoutCustom: number };
}

export interface Measured {
  readonly instructions?: ByTraffic;
  readonly crossings?: Partial<Record<Traffic, Crossings>>;
  readonly size?: ModuleSize;
}

/** Less than this is no change: counts repeat within a fraction of it, and compilers move bytes about. */
const TOLERANCE = 0.02;

/** One figure of a budget, with what was found. */
interface Figure {
  readonly what: string;
  readonly budget: number | undefined;
  readonly found: number;
  /** Counts of calls are exact. */
  readonly exact: boolean;
}

/** What is above the budget, or has none, a line each. Figures that were not measured are not judged. */
export function aboveBudget(budget: Budget, measured: Measured): string[] {
  return figures(budget, measured).flatMap(({ what, budget: limit, found, exact }) => {
    if (limit === undefined) return [`${what}: ${found}, and the budget has no figure for it`];
    const most = exact ? limit : limit * (1 + TOLERANCE);
    if (found <= most) return [];
    const percent = limit === 0 ? "" : ` (+${((found / limit - 1) * 100).toFixed(1)} %)`;
    return [`${what}: found ${found}, budget ${limit}${percent}`];
  });
}

/** The budget with what was measured; figures that did not change by more than the tolerance stay, so that a diff shows only what did. */
export function updated(budget: Budget | null, measured: Measured, envoy: string, config: unknown): Budget {
  const { instructions: counts = {}, hostcalls = {}, allocations = {}, size: before = { bytes: 0, withoutCustom: 0 } } = budget ?? {};
  const next: Budget = {
    envoy,
    ...(config === undefined ? {} : { config }),
    instructions: { ...counts },
    hostcalls: { ...hostcalls },
    allocations: { ...allocations },
    size: { ...before },
  };
  const { instructions = {}, crossings = {}, size } = measured;
  for (const traffic of TRAFFICS) {
    const [count, crossed] = [instructions[traffic], crossings[traffic]];
    if (count !== undefined) next.instructions[traffic] = kept(budget?.instructions[traffic], count);
    if (crossed) next.hostcalls[traffic] = crossed.hostcalls;
    if (crossed) next.allocations[traffic] = crossed.allocations;
  }
  if (size) {
    next.size = {
      bytes: kept(budget?.size.bytes, size.bytes),
      withoutCustom: kept(budget?.size.withoutCustom, size.withoutCustom),
    };
  }
  return next;
}

function kept(before: number | undefined, now: number): number {
  return before !== undefined && Math.abs(now - before) <= before * TOLERANCE ? before : now;
}

function figures(budget: Budget, { instructions = {}, crossings = {}, size }: Measured): Figure[] {
  const list: Figure[] = [];
  for (const traffic of TRAFFICS) {
    const [count, crossed] = [instructions[traffic], crossings[traffic]];
    const add = (what: string, limit: number | undefined, found: number, exact: boolean): number =>
      list.push({ what: `${what}, ${traffic}`, budget: limit, found, exact });
    if (count !== undefined) add("instructions", budget.instructions[traffic], count, false);
    if (crossed) add("hostcalls", budget.hostcalls[traffic], crossed.hostcalls, true);
    if (crossed) add("allocations", budget.allocations[traffic], crossed.allocations, true);
  }
  if (size) {
    list.push({ what: "bytes", budget: budget.size.bytes, found: size.bytes, exact: false });
    list.push({ what: "bytes without custom sections", budget: budget.size.withoutCustom, found: size.withoutCustom, exact: false });
  }
  return list;
}

export async function readBudget(file: string): Promise<Budget | null> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return JSON.parse(text) as Budget;
  } catch (cause) {
    throw new Error(`bench: ${file} is not JSON: ${(cause as Error).message}; restore it, or delete it and run --update`, { cause });
  }
}

export async function writeBudget(file: string, budget: Budget): Promise<void> {
  await writeFile(file, `${JSON.stringify(budget, null, 2)}\n`);
}
