import { access } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { findEnvoy } from "../envoy/index.ts";
import type { EnvoySpec, WasmFilterSpec } from "../envoy-config/index.ts";
import { needValgrind, ValgrindMissingError } from "./callgrind.ts";
import { countInstructions } from "./instructions.ts";
import { sampleMemory } from "./memory.ts";
import { instructionRow, instructionTitle, memoryRow, memoryTitle } from "./report.ts";
import { taskConfiguration } from "./task.ts";
import { AWKWARD_REQUEST, requestOf, TRAFFICS, type Traffic } from "./traffic.ts";

/** After how many requests `--memory` looks. */
const SAMPLES = [10_000, 100_000, 1_000_000];

interface Flags {
  wasm: string[];
  config?: string[];
  otherConfig?: string;
  traffic: Traffic | "all";
  memory?: boolean;
  max?: number;
  envoy?: string;
  json?: boolean;
}

const command = new Command("bench")
  .description("Instructions per request that filters cost on the real Envoy (callgrind), or Envoy's memory over a million requests.")
  .option("--wasm <file...>", "modules, in the order of the chain", ["build/mesh-telemetry.wasm"])
  .option("--config <json...>", "their configurations, in the same order (default: the measured task for the filters of the pack)")
  .option("--other-config <json>", "a second configuration in the same VM, on a listener without traffic")
  .addOption(
    new Option("--traffic <kind>", "which requests; with --memory, all also takes repeated and invalid values")
      .choices([...TRAFFICS, "all"])
      .default("all"),
  )
  .option("--memory", "Envoy's memory after 10,000, 100,000 and 1,000,000 requests")
  .option("--max <instructions>", "fail when a kind of traffic costs more", wholeNumber)
  .option("--envoy <version>", "the Envoy version")
  .option("--json", "print the results as JSON");

async function main(): Promise<number> {
  const flags = command.parse().opts<Flags>();
  try {
    const filters = await chain(flags);
    const binary = await findEnvoy({ version: flags.envoy });
    return flags.memory ? await memory(flags, filters, binary) : await instructions(flags, filters, binary);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ValgrindMissingError)) throw error;
    console.error(error.message);
    return 2;
  }
}

class UsageError extends Error {}

async function chain(flags: Flags): Promise<WasmFilterSpec[]> {
  return Promise.all(
    flags.wasm.map(async (file, i) => {
      const wasm = resolve(file);
      await access(wasm).catch(() => {
        throw new UsageError(`bench: there is no ${file}; run npm run build first, or name another module with --wasm`);
      });
      const name = basename(file, ".wasm");
      const config = flags.config?.[i] ?? taskConfiguration(name);
      return { name, wasm, vmId: name, ...(config === undefined ? {} : { config }) };
    }),
  );
}

interface Binary {
  path: string;
  version: string;
}

async function instructions(flags: Flags, filters: WasmFilterSpec[], binary: Binary): Promise<number> {
  await needValgrind();
  if (!flags.json) console.log(instructionTitle(flags.wasm, binary.version));
  const results = [];
  for (const traffic of flags.traffic === "all" ? TRAFFICS : [flags.traffic]) {
    const without = await countInstructions(binary.path, listeners([]), requestOf(traffic));
    const filtered = await countInstructions(binary.path, listeners(filters, flags.otherConfig), requestOf(traffic));
    const result = { traffic, without: without.perRequest, with: filtered.perRequest };
    results.push(result);
    if (!flags.json) console.log(instructionRow(result));
  }
  if (flags.json) console.log(JSON.stringify({ envoy: binary.version, modules: flags.wasm, results }, null, 2));
  const over = results.filter(each => flags.max !== undefined && each.with - each.without > flags.max);
  for (const each of over)
    console.error(`bench: ${each.traffic} costs ${Math.round(each.with - each.without)} instructions, more than --max ${flags.max}`);
  return over.length > 0 ? 1 : 0;
}

async function memory(flags: Flags, filters: WasmFilterSpec[], binary: Binary): Promise<number> {
  const kinds = flags.traffic === "all" ? [...TRAFFICS.map(requestOf), AWKWARD_REQUEST] : [requestOf(flags.traffic)];
  if (!flags.json) console.log(memoryTitle(flags.wasm, binary.version));
  const spec = listeners(filters, flags.otherConfig);
  const samples = await sampleMemory(binary.path, spec, kinds, SAMPLES, sample => {
    if (!flags.json) console.log(memoryRow(sample));
  });
  if (flags.json) console.log(JSON.stringify({ envoy: binary.version, modules: flags.wasm, traffic: flags.traffic, samples }, null, 2));
  const [first, last] = [samples.at(0), samples.at(-1)];
  const grown = first && last && String(first.wasmKiB) !== String(last.wasmKiB);
  if (grown)
    console.error(
      `bench: Wasm memory grew after the first ${SAMPLES[0]} requests: ${first.wasmKiB.join(", ")} to ${last.wasmKiB.join(", ")} KiB`,
    );
  return grown ? 1 : 0;
}

/** Envoy answers by itself, so that nothing but Envoy and the filters is measured. */
function listeners(filters: WasmFilterSpec[], otherConfig?: string): EnvoySpec {
  const bench = { name: "bench", filters };
  if (otherConfig === undefined) return { listeners: [bench] };
  return { listeners: [bench, { name: "other", filters: filters.map(filter => ({ ...filter, config: otherConfig })) }] };
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("expected a whole number");
  return Number(text);
}

process.exitCode = await main();
