import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { BenchOptions } from "../bench/index.ts";
import { ownProject } from "../build/index.ts";
import { EnvoyStartError } from "../envoy/index.ts";
import { readConfig } from "../run/index.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly config?: string[];
  readonly otherConfig?: string;
  readonly rootId?: string;
  readonly traffic?: string[];
  readonly programs?: string[];
  readonly peers?: string[];
  readonly only?: string[];
  readonly growth?: string[] | true;
  readonly sidecar?: string[] | true;
  readonly check?: boolean;
  readonly update?: boolean;
  readonly quick?: boolean;
  readonly publish?: boolean;
  readonly envoy?: string;
  readonly output?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("bench")
    .description("what a filter costs on the real Envoy, beside no filter, hand-written C and other SDKs")
    .argument("[module...]", "built modules (default: mesh-telemetry with the measured task)")
    .option("--config <config>", "their configuration, JSON or a file; given again for each module", (value, before: string[] = []) => [
      ...before,
      value,
    ])
    .option("--other-config <config>", "a second configuration in the same VM, on a listener without traffic")
    .option("--root-id <id>", "the root id that the modules register (default: the file's name)")
    .option("--traffic <kinds>", "of hit, miss, many: which requests", list)
    .option("--programs <programs>", "of task, empty, add: what is compared", list)
    .option(
      "--peers <names>",
      "what to compare with: all, none, or of meshwright, c, c-single, as-raw, rust, go, gcore, solo, lua, native",
      list,
    )
    .option("--only <parts>", "of instructions, hostcalls, cpu, load, start, memory", list)
    .option("--quick", "less of everything: traffic hit, the task, fewer rounds")
    .option("--growth [axes]", "how the cost grows, of headers, attributes, body, streams, chain, workers", list)
    .option("--sidecar [parts]", "what the modules add to a sidecar, of instructions, and in front of services: envoy, node, waiting", list)
    .option("--check", "compare modules (default: all in build) with bench/budgets; fails above them")
    .option("--update", "write bench/budgets anew for them; what changed by 2 % or less stays")
    .option("--publish", "put the tables into docs/performance.md and the README")
    .option("--envoy <version>", "the Envoy version")
    .option("-o, --output <folder>", "where Markdown, JSON and the chart go (default: build/bench)")
    .option("--json", "print JSON instead of Markdown")
    .action(async (files: string[], flags: Flags) => {
      // The emulator and all that measures are only loaded for this command.
      const { bench, BenchUsageError, HostRefusal, ToolMissingError } = await import("../bench/index.ts");
      const options = await optionsOf(files, flags);
      try {
        const { text, json, wrong } = await bench(options);
        if (flags.json) console.log(JSON.stringify(json, null, 2));
        else if (text !== "") console.log(text);
        if (wrong.length > 0) throw new WorkError(wrong.join("\n"));
      } catch (error) {
        if (error instanceof BenchUsageError || error instanceof ToolMissingError) throw new UsageError(error.message, { cause: error });
        if (error instanceof EnvoyStartError) throw new WorkError(`bench: ${error.message}`, { cause: error });
        if (error instanceof HostRefusal) throw new WorkError(`bench: ${error.message}`, { cause: error });
        throw error;
      }
    });
}

async function optionsOf(files: readonly string[], flags: Flags): Promise<BenchOptions> {
  const { AXES, DEFAULT_MODULE, PARTS, PEER_NAMES, PROGRAMS, SIDECAR_PARTS, TRAFFICS } = await import("../bench/index.ts");
  const modes = (["growth", "sidecar", "check", "update"] as const).filter(mode => flags[mode] !== undefined);
  if (modes.length > 1) throw new UsageError(`bench: --${modes.join(" and --")} are different measurements; give one of them`);
  const budgets = flags.check || flags.update;
  return {
    files: files.length > 0 || budgets ? files : [defaultModule(DEFAULT_MODULE)],
    configs: (flags.config ?? []).map(read),
    ...(flags.otherConfig === undefined ? {} : { otherConfig: read(flags.otherConfig) }),
    rootId: flags.rootId,
    traffics: chosen("--traffic", flags.traffic, TRAFFICS),
    programs: chosen("--programs", flags.programs, PROGRAMS),
    peers: chosen("--peers", flags.peers, PEER_NAMES),
    parts: chosen("--only", flags.only, PARTS),
    growth: partsOf("--growth", flags.growth, AXES),
    sidecar: partsOf("--sidecar", flags.sidecar, SIDECAR_PARTS),
    check: flags.check,
    update: flags.update,
    quick: flags.quick,
    publish: flags.publish,
    envoy: flags.envoy,
    output: flags.output,
  };
}

function defaultModule(file: string): string {
  return existsSync(file) ? file : join(ownProject().folder, file);
}

function read(config: string): unknown {
  try {
    return readConfig(config, "bench");
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function list(value: string): string[] {
  const names = value.split(",").filter(name => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("Give names with commas between them.");
  return names;
}

/** The names that were given, undefined for all; each has to be one of those that there are. */
function chosen<T extends string>(flag: string, names: readonly string[] | undefined, all: readonly T[]): readonly T[] | undefined {
  if (names === undefined || names.join() === "all") return undefined;
  if (names.join() === "none") return [];
  const unknown = names.filter(name => !all.some(each => each === name));
  if (unknown.length > 0) throw new UsageError(`bench: ${flag} has no ${unknown.join(", ")}; give of ${all.join(", ")}, or all`);
  return all.filter(each => names.includes(each));
}

/** Parts of a measurement of its own: undefined when it was not asked for, empty for all. */
function partsOf<T extends string>(flag: string, given: readonly string[] | true | undefined, all: readonly T[]): readonly T[] | undefined {
  if (given === undefined) return undefined;
  return given === true ? [] : (chosen(flag, given, all) ?? []);
}
