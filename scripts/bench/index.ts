import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { findEnvoy } from "../envoy/index.ts";
import { checkBudgets } from "./check-budgets.ts";
import { type BenchOptions, commandLine } from "./command-line.ts";
import { AXES, type GrowthResult, measureGrowth } from "./growth.ts";
import { merged, readJson, writeFiles } from "./outcome.ts";
import { BenchUsageError, ownSubjects } from "./own-modules.ts";
import { buildOwn, placesOf } from "./peers/index.ts";
import { Progress } from "./progress.ts";
import { chart } from "./report/chart.ts";
import { comparisonMarkdown, summaryMarkdown } from "./report/comparison.ts";
import { growthMarkdown } from "./report/growth.ts";
import { publish } from "./report/publish.ts";
import { sidecarMarkdown } from "./report/sidecar.ts";
import { type BenchResult, PARTS } from "./result.ts";
import { compare, machine, peerSubjects } from "./run.ts";
import { measureSidecar, SIDECAR_PARTS, type SidecarPart, type SidecarResult } from "./sidecar.ts";
import { attributesConfiguration } from "./task.ts";
import { TRAFFICS } from "./traffic.ts";

export { type BenchOptions, DEFAULT_MODULE } from "./command-line.ts";
export { HostRefusal } from "./emulator.ts";
export { AXES, type Axis } from "./growth.ts";
export { BenchUsageError } from "./own-modules.ts";
export { PEER_NAMES, type PeerName } from "./peers/index.ts";
export { PARTS, type Part } from "./result.ts";
export { SIDECAR_PARTS, type SidecarPart } from "./sidecar.ts";
export { PROGRAMS, type Program } from "./subject.ts";
export { ToolMissingError } from "./tool-missing.ts";
export { TRAFFICS, type Traffic } from "./traffic.ts";

/** What the bench has to say: for standard output, and what is wrong, which makes it fail. */
export interface Outcome {
  readonly text: string;
  readonly json: unknown;
  readonly wrong: readonly string[];
}

/** In the project's folder, as everything that is read or written by name. */
const BUDGETS = join("bench", "budgets");
const RESULTS = join("bench", "results");

/** Filters whose growth is looked at beside the module's, without being asked for. */
const GROWTH_PEERS = ["c", "rust"] as const;

/** Runs the bench as asked. */
export async function bench(options: BenchOptions, progress: Progress = new Progress()): Promise<Outcome> {
  if (options.check || options.update) return budgets(options, progress);
  if (options.growth) return growth(options, progress);
  if (options.sidecar) return sidecar(options, progress);
  return comparison(options, progress);
}

async function comparison(options: BenchOptions, progress: Progress): Promise<Outcome> {
  const result = await compare(options, progress, part => keep(options, "comparison", part, comparisonMarkdown(part), chart(part)));
  const text = comparisonMarkdown(result);
  await keep(options, "comparison", result, text, chart(result));
  if (options.publish) {
    const all = merged(await readJson<BenchResult>(resultFile("comparison")), result);
    await store("comparison", all, comparisonMarkdown(all));
    await publish("README.md", "summary", summaryMarkdown(all));
    const svg = chart(all);
    if (svg) await writeFiles("docs", { "performance.svg": svg });
  }
  return { text, json: result, wrong: [] };
}

async function growth(options: BenchOptions, progress: Progress): Promise<Outcome> {
  const axes = options.growth?.length ? options.growth : AXES;
  const binary = await findEnvoy({ version: options.envoy });
  const [own] = await ownSubjects(options);
  if (!own) throw new Error("bench: there is no module");
  const { subjects: peers, missing } = await peerSubjects(options.peers ?? GROWTH_PEERS, ["task"], progress);
  const { sources, cache } = await placesOf("meshwright");
  const body = await buildOwn(sources, "body", cache);
  const withAttributes = own.name === "mesh-telemetry" && options.configs.length === 0;
  const command = (axis: string): string => commandLine(options, ["--growth", axis]);
  const rendered = (result: GrowthResult): string => `${growthMarkdown(result, command)}\n\nEnvoy ${binary.version}.`;
  const measured = await measureGrowth({
    binary: binary.path,
    own,
    peers,
    withAttributes: withAttributes ? count => ({ ...own.filter, config: attributesConfiguration(count) }) : null,
    withBodyCallback: { label: "a filter with a body callback", filter: { name: "body", wasm: body, rootId: "bench", vmId: "body" } },
    axes,
    progress,
    save: result => keep(options, "growth", result, rendered(result)),
  });
  progress.clear();
  const text = [rendered(measured), ...missing.map(({ label, reason }) => `Not measured: ${label}: ${reason}`)].join("\n\n");
  await keep(options, "growth", measured, text);
  if (options.publish) {
    const all = { ...(await readJson<GrowthResult>(resultFile("growth"))), ...measured };
    await store("growth", all, rendered(all));
  }
  return { text, json: measured, wrong: [] };
}

/** By part: the command that measures it again, as it was measured. */
interface PublishedSidecar extends SidecarResult {
  readonly commands: Partial<Record<SidecarPart, string>>;
}

async function sidecar(options: BenchOptions, progress: Progress): Promise<Outcome> {
  const parts = options.sidecar?.length ? options.sidecar : SIDECAR_PARTS;
  const binary = await findEnvoy({ version: options.envoy });
  const { subjects: peers, missing } = await peerSubjects(options.peers ?? [], ["task"], progress);
  const measured: SidecarResult = await measureSidecar({
    binary: binary.path,
    envoyVersion: binary.version,
    subjects: [...(await ownSubjects(options)), ...peers],
    traffic: options.traffics?.[0] ?? "hit",
    rounds: options.quick ? 4 : 20,
    seconds: options.quick ? 1 : 2,
    parts,
    progress,
  });
  progress.clear();
  const now: PublishedSidecar = { ...measured, commands: {} };
  for (const part of parts) now.commands[part] = commandLine(options, ["--sidecar", part]);
  const notes = missing.map(({ label, reason }) => `Not measured: ${label}: ${reason}`);
  const rendered = (result: PublishedSidecar): string =>
    [sidecarMarkdown(result, result.commands), `Envoy ${binary.version}; ${machine()}.`, ...notes].join("\n\n");
  const text = rendered(now);
  await keep(options, "sidecar", now, text);
  if (options.publish) {
    const before = await readJson<PublishedSidecar>(resultFile("sidecar"));
    const commands = { ...before?.commands, ...now.commands };
    const all = { ...before, ...now, loads: { ...before?.loads, ...now.loads }, commands };
    await store("sidecar", all, rendered(all));
  }
  return { text, json: now, wrong: [] };
}

async function budgets(options: BenchOptions, progress: Progress): Promise<Outcome> {
  const binary = await findEnvoy({ version: options.envoy });
  const modules = options.files.length > 0 ? options.files : await builtModules();
  const wrong = await checkBudgets({
    binary: binary.path,
    envoy: binary.version,
    folder: BUDGETS,
    modules,
    config: options.configs[0],
    rootId: options.rootId,
    traffics: options.traffics ?? TRAFFICS,
    parts: options.parts ?? PARTS,
    update: options.update ?? false,
    progress,
  });
  progress.clear();
  const done = options.update ? "written" : "within their budgets";
  const text = wrong.length > 0 ? "" : `${modules.length} modules ${done} (${BUDGETS}), Envoy ${binary.version}`;
  return { text, json: { modules: modules.length, wrong }, wrong: wrong.map(line => `bench: ${line}`) };
}

/** What `meshwright build` has put in the project's build folder. */
async function builtModules(): Promise<string[]> {
  const names = await readdir("build").catch((): string[] => []);
  const modules = names.filter(name => name.endsWith(".wasm")).sort();
  if (modules.length === 0) throw new BenchUsageError("bench: there are no modules in build; build them first, or name some");
  return modules.map(name => join("build", name));
}

async function keep(options: BenchOptions, name: string, result: unknown, text: string, svg: string | null = null): Promise<void> {
  const files = { [`${name}.json`]: asJson(result), [`${name}.md`]: `${text}\n`, ...(svg ? { [`${name}.svg`]: svg } : {}) };
  await writeFiles(options.output ?? join("build", "bench"), files);
}

async function store(name: string, result: unknown, markdown: string): Promise<void> {
  await writeFiles(RESULTS, { [`${name}.json`]: asJson(result) });
  await publish(join("docs", "performance.md"), name, markdown);
}

function resultFile(name: string): string {
  return join(RESULTS, `${name}.json`);
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
