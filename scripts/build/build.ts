import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { abiCheck } from "./abi-check.ts";
import { asc } from "./asc.ts";
import { resolveEntry } from "./entry.ts";
import { identity } from "./identity.ts";
import { describeModule, type Meta } from "./meta.ts";
import { names } from "./names.ts";
import type { Artifact, Job, Step } from "./step.ts";
import { wasmOpt } from "./wasm-opt.ts";

/** From source to module, in this order. */
export const STEPS: readonly Step[] = [asc, wasmOpt, names, identity, abiCheck];

export interface BuildOptions {
  /** Where the module goes; by default `build/<name>.wasm` in the entry's project. */
  readonly outFile?: string;
  /** Build without optimisation. */
  readonly debug?: boolean;
  /** Write what each step made, as `<name>.<n>-<step>.wasm`, beside the module. */
  readonly keep?: boolean;
}

export interface BuildResult {
  readonly wasmFile: string;
  readonly mapFile: string;
  readonly metaFile: string;
  readonly meta: Meta;
  readonly milliseconds: number;
  /** What the compiler said besides errors. */
  readonly warnings: readonly string[];
}

/**
 * Builds one filter from its entry file, or from a folder with an index.ts:
 * the module, its source map, and a description as JSON. Throws a BuildError and writes nothing when a step refuses.
 */
export async function buildModule(entryPath: string, options: BuildOptions = {}): Promise<BuildResult> {
  const entry = resolveEntry(entryPath);
  const wasmFile = resolve(options.outFile ?? join(entry.project.folder, "build", `${entry.name}.wasm`));
  const warnings: string[] = [];
  const job: Job = { entry, debug: options.debug ?? false, fileName: basename(wasmFile), warn: text => warnings.push(text) };

  await mkdir(dirname(wasmFile), { recursive: true });
  let artifact: Artifact = { wasm: new Uint8Array(), sourceMap: "" };
  let milliseconds = 0;
  for (const [index, step] of STEPS.entries()) {
    const run = async (): Promise<Artifact> => {
      const started = performance.now();
      const made = await step.run(artifact, job);
      milliseconds += performance.now() - started;
      return made;
    };
    artifact = await (step === asc ? oneAtATime(run) : run());
    if (options.keep) await write(wasmFile.replace(/(\.wasm)?$/, `.${index + 1}-${step.name}.wasm`), artifact);
  }

  const meta = describeModule(artifact.wasm);
  await write(wasmFile, artifact);
  const metaFile = wasmFile.replace(/(\.wasm)?$/, ".meta.json");
  await writeFile(metaFile, `${JSON.stringify(meta, null, 2)}\n`);
  return { wasmFile, mapFile: `${wasmFile}.map`, metaFile, meta, milliseconds, warnings };
}

let turn: Promise<unknown> = Promise.resolve();

/** The compiler keeps its options in globals; while it works on one module, wasm-opt may work on another. */
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const result = turn.then(work);
  turn = result.catch(() => {});
  return result;
}

async function write(wasmFile: string, { wasm, sourceMap }: Artifact): Promise<void> {
  await writeFile(wasmFile, wasm);
  await writeFile(`${wasmFile}.map`, sourceMap);
}
