import { cpus, release, type } from "node:os";
import { findEnvoy } from "../envoy/index.ts";
import { type BenchOptions, commandLine } from "./command-line.ts";
import { FULL, MEASURES, QUICK } from "./compare.ts";
import { comparedSubjects } from "./own-modules.ts";
import { buildPeers, type Missing, PEERS, type PeerName } from "./peers/index.ts";
import type { Progress } from "./progress.ts";
import { type BenchResult, PARTS } from "./result.ts";
import { PROGRAMS, type Program, type Subject } from "./subject.ts";
import { ToolMissingError } from "./tool-missing.ts";
import { TRAFFICS } from "./traffic.ts";
import { wrongWith } from "./verify.ts";

/** Measures the modules beside the peers, part by part. A part whose tools are missing is named, and the others go on. */
export async function compare(
  options: BenchOptions,
  progress: Progress,
  saved: (result: BenchResult) => Promise<void> = async () => {},
): Promise<BenchResult> {
  const { quick = false } = options;
  const binary = await findEnvoy({ version: options.envoy });
  const own = await comparedSubjects(options);
  const programs = options.programs ?? (quick ? (["task"] as const) : PROGRAMS);
  const { subjects: peers, missing } = await peerSubjects(options.peers, programs, progress);
  const subjects = [...own, ...peers];
  const result: BenchResult = {
    envoy: binary.version,
    machine: machine(),
    date: new Date().toISOString().slice(0, 10),
    without: {},
    subjects: subjects.map(({ name, label, program, own }) => ({ name, label, program, own })),
    missing: [...missing],
    commands: {},
  };
  const traffics = options.traffics ?? (quick ? (["hit"] as const) : TRAFFICS);
  const effort = quick ? QUICK : FULL;
  const comparison = { binary: binary.path, subjects, traffics, effort, progress, result, save: () => saved(result) };
  for (const part of options.parts ?? PARTS) {
    result.commands[part] = commandLine(options, ["--only", part]);
    try {
      await MEASURES[part](comparison);
      await saved(result);
    } catch (error) {
      if (!(error instanceof ToolMissingError)) throw error;
      delete result.commands[part];
      result.missing.push({ name: part, label: part, reason: error.message });
    }
  }
  progress.clear();
  return result;
}

/** The peers of these names, built, and those of them that are modules seen to do what they are compared for. */
export async function peerSubjects(
  names: readonly PeerName[] | undefined,
  programs: readonly Program[],
  progress: Progress,
): Promise<{ subjects: Subject[]; missing: Missing[] }> {
  const wanted = names ? PEERS.filter(({ name }) => names.includes(name)) : PEERS;
  progress.begin("peers", wanted.length);
  const built = await buildPeers(wanted, programs, peer => {
    progress.say(`building ${peer.label}`);
    progress.step();
  });
  for (const { name, program, filter } of built.subjects) {
    const wrong = "wasm" in filter ? wrongWith(filter, program) : null;
    if (wrong) throw new Error(`bench: ${name}, ${program} does not do what it is compared for:\n  ${wrong}`);
  }
  progress.clear();
  return built;
}

export function machine(): string {
  const processors = cpus();
  return `${processors.length} x ${processors[0]?.model.trim() ?? "unknown processor"}, ${type()} ${release()}`;
}
