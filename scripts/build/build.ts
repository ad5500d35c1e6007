import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { abiCheck } from "./abi-check.ts";
import { asc } from "./asc.ts";
import { type Entry, resolveEntry } from "./entry.ts";
import { BuildError } from "./errors.ts";
import { identity } from "./identity.ts";
import { locations } from "./locations.ts";
import { describeModule, type Meta } from "./meta.ts";
import { names } from "./names.ts";
import { smallFunctions } from "./small-functions.ts";
import { sourceMap } from "./source-map.ts";
import { staticData } from "./static-data.ts";
import type { Artifact, Job, Step } from "./step.ts";
import { findUpToDate, makeRecord, recordFile, type Sources } from "./up-to-date.ts";
import { wasmOpt } from "./wasm-opt.ts";

/** From source to module, in this order. */
export const STEPS: readonly Step[] = [asc, locations, staticData, wasmOpt, smallFunctions, names, identity, sourceMap, abiCheck];

export interface BuildOptions {
  /** Where the module goes; by default `build/<name>.wasm` in the entry's project. */
  readonly outFile?: string;
  /** Build without optimisation. */
  readonly debug?: boolean;
  /** Whether compat stands in for @solo-io/proxy-runtime and its descendants; it does by default. */
  readonly compat?: boolean;
  /** Write what each step made, as `<name>.<n>-<step>.wasm`, beside the module. */
  readonly keep?: boolean;
  /** Build only when something that the module was built from has changed; the outcome is that of the last build otherwise. */
  readonly reuse?: boolean;
  /** Is told which files the compiler asked for, also when it then failed. */
  readonly onSources?: (files: readonly string[]) => void;
}

export interface BuildResult {
  readonly wasmFile: string;
  readonly mapFile: string;
  readonly metaFile: string;
  readonly meta: Meta;
  readonly milliseconds: number;
  /** Nothing had changed; the module is the one that was there. */
  readonly reused: boolean;
  /** What the compiler said besides errors. */
  readonly warnings: readonly string[];
}

/** Where `buildModule` puts the module of an entry. */
export function moduleOf(entryPath: string): string {
  return moduleFile(resolveEntry(entryPath));
}

function moduleFile({ project, name }: Entry): string {
  return join(project.folder, "build", `${name}.wasm`);
}

/**
 * Builds one filter from its entry file, or from a folder with an index.ts:
 * the module, its source map, and a description as JSON. Throws a BuildError and writes nothing when a step refuses.
 */
export async function buildModule(entryPath: string, options: BuildOptions = {}): Promise<BuildResult> {
  const entry = resolveEntry(entryPath);
  const wasmFile = resolve(options.outFile ?? moduleFile(entry));
  const metaFile = wasmFile.replace(/(\.wasm)?$/, ".meta.json");
  const files = { wasmFile, mapFile: `${wasmFile}.map`, metaFile };
  const debug = options.debug ?? false;
  const compat = options.compat ?? true;
  const known = options.reuse ? findUpToDate(entry, { debug, compat }, wasmFile, metaFile) : null;
  if (known) {
    options.onSources?.(Object.keys(known.record.sources).map(path => resolve(entry.project.folder, path)));
    return { ...files, meta: known.meta, milliseconds: 0, reused: true, warnings: known.record.warnings };
  }

  const warnings: string[] = [];
  const sources: Sources = new Map();
  const job: Job = { entry, debug, compat, fileName: basename(wasmFile), sources, warn: text => warnings.push(text) };
  await makeRoom(wasmFile);
  try {
    const { artifact, milliseconds } = await runSteps(job, options.keep ? wasmFile : null);
    const meta = describeModule(artifact.wasm);
    await write(wasmFile, artifact);
    await writeWhole(metaFile, `${JSON.stringify(meta, null, 2)}\n`);
    await writeWhole(recordFile(wasmFile), JSON.stringify(makeRecord(entry, job, sources, meta, warnings)));
    return { ...files, meta, milliseconds, reused: false, warnings };
  } catch (error) {
    // The next one need not try again what can only fail; a module of older sources stays.
    if (error instanceof BuildError && error.code !== "output")
      await writeWhole(recordFile(wasmFile), JSON.stringify(makeRecord(entry, job, sources, error, warnings)));
    throw error;
  } finally {
    options.onSources?.([...sources.keys()]);
  }
}

async function runSteps(job: Job, keepAs: string | null): Promise<{ artifact: Artifact; milliseconds: number }> {
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
    if (keepAs !== null) await write(keepAs.replace(/(\.wasm)?$/, `.${index + 1}-${step.name}.wasm`), artifact);
  }
  return { artifact, milliseconds };
}

let turn: Promise<unknown> = Promise.resolve();

/** The compiler keeps its options in globals; while it works on one module, wasm-opt may work on another. */
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const result = turn.then(work);
  turn = result.catch(() => {});
  return result;
}

async function write(wasmFile: string, { wasm, sourceMap }: Artifact): Promise<void> {
  await writeWhole(`${wasmFile}.map`, sourceMap);
  await writeWhole(wasmFile, wasm);
}

/** By rename: whoever reads the module meanwhile, an Envoy or a test, has the old one or the new one. */
async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const scratch = `${file}.${randomUUID().slice(0, 8)}`;
  try {
    await writeFile(scratch, content);
    await rename(scratch, file);
  } catch (error) {
    await rm(scratch, { force: true }).catch(() => {});
    throw notWritable(file, error);
  }
}

/** Folders that are missing; what cannot be written at all is said before the compiler works. */
async function makeRoom(wasmFile: string): Promise<void> {
  let isFolder: boolean | undefined;
  try {
    await mkdir(join(dirname(wasmFile), ".cache"), { recursive: true });
    isFolder = statSync(wasmFile, { throwIfNoEntry: false })?.isDirectory();
  } catch (error) {
    throw notWritable(wasmFile, error);
  }
  if (isFolder) throw new BuildError("output", `build: ${wasmFile} is a folder; give --output the name of a file in it`);
}

function notWritable(file: string, cause: unknown): BuildError {
  const { code } = cause as NodeJS.ErrnoException;
  return new BuildError("output", `build: ${file} cannot be written (${code}); give --output a file in a folder that you may write to`, {
    cause,
  });
}
