import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { FilterSpec } from "../envoy-config/index.ts";
import { aboveBudget, type Measured, readBudget, updated, writeBudget } from "./budget.ts";
import { needValgrind } from "./callgrind.ts";
import { answering } from "./envoy.ts";
import { countCrossings, sizeOf } from "./hostcalls.ts";
import { countInstructions } from "./instructions.ts";
import type { Progress } from "./progress.ts";
import type { Part } from "./result.ts";
import { taskConfiguration } from "./task.ts";
import { requestOf, type Traffic } from "./traffic.ts";

export interface BudgetRun {
  readonly binary: string;
  readonly envoy: string;
  readonly folder: string;
  readonly modules: readonly string[];
  /** Instead of the one in the budget, or of the task's. */
  readonly config?: unknown;
  readonly rootId?: string | undefined;
  readonly traffics: readonly Traffic[];
  readonly parts: readonly Part[];
  /** Write the budgets anew instead of judging by them. */
  readonly update: boolean;
  readonly progress: Progress;
}

/** Measures modules and compares them with their budgets, or writes those. Answers what is wrong, a line each. */
export async function checkBudgets(run: BudgetRun): Promise<string[]> {
  const { binary, envoy, folder, modules, traffics, parts, update, progress } = run;
  const counts = parts.includes("instructions");
  if (counts) await needValgrind();
  progress.begin("budgets", modules.length + (counts ? 1 : 0));
  const base = counts ? await withoutFilter(run) : [];
  const wrong: string[] = [];
  for (const wasm of modules) {
    const name = basename(wasm, ".wasm");
    progress.say(name);
    const file = join(folder, `${name}.json`);
    const budget = await readBudget(file);
    const config = run.config ?? budget?.config ?? taskConfiguration(name);
    const filter = { name, wasm, rootId: run.rootId ?? name, vmId: name, ...(config === undefined ? {} : { config }) };
    const measured: Measured = {
      ...(counts ? { instructions: above(traffics, await countOf(binary, filter, traffics), base) } : {}),
      crossings: byTraffic(traffics, countCrossings(filter, traffics.map(requestOf))),
      size: await sizeOf(wasm),
    };
    if (update) {
      await mkdir(folder, { recursive: true });
      await writeBudget(file, updated(budget, measured, counts ? envoy : (budget?.envoy ?? envoy), config));
    } else if (!budget) wrong.push(`${name}: there is no ${name}.json among the budgets; npm run bench -- --update writes it`);
    else if (counts && budget.envoy !== envoy) {
      wrong.push(`${name}: its budget was counted on Envoy ${budget.envoy}, this is ${envoy}; give --envoy ${budget.envoy}, or --update`);
    } else wrong.push(...aboveBudget(budget, measured).map(line => `${name}: ${line}`));
    progress.step();
  }
  return wrong;
}

function withoutFilter({ binary, traffics, progress }: BudgetRun): Promise<number[]> {
  progress.say("no filter");
  return countInstructions(binary, answering([]), traffics.map(requestOf)).finally(() => progress.step());
}

function countOf(binary: string, filter: FilterSpec, traffics: readonly Traffic[]): Promise<number[]> {
  return countInstructions(binary, answering([filter]), traffics.map(requestOf));
}

function above(traffics: readonly Traffic[], counts: readonly number[], base: readonly number[]): Partial<Record<Traffic, number>> {
  return byTraffic(
    traffics,
    counts.map((count, i) => Math.round(count - (base[i] ?? 0))),
  );
}

function byTraffic<T>(traffics: readonly Traffic[], values: readonly T[]): Partial<Record<Traffic, T>> {
  return Object.fromEntries(traffics.map((traffic, i) => [traffic, values[i]])) as Partial<Record<Traffic, T>>;
}
