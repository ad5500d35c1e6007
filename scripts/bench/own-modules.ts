import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { isWasm } from "../abi/index.ts";
import type { WasmFilterSpec } from "../envoy-config/index.ts";
import type { Subject } from "./subject.ts";
import { CONNECTION_CONSTANTS, taskConfiguration } from "./task.ts";
import { wrongWith } from "./verify.ts";

/** The command line asks for something that makes no sense. */
export class BenchUsageError extends Error {
  override readonly name = "BenchUsageError";
}

/** The one filter of the pack that does all of the task. */
const TASK_FILTER = "mesh-telemetry";

export interface OwnModules {
  readonly files: readonly string[];
  /** In the order of the files; one alone is for all of them. */
  readonly configs: readonly unknown[];
  /** A second configuration in the same VM, on a listener without traffic. */
  readonly otherConfig?: unknown;
  readonly rootId?: string | undefined;
}

/** The modules that the bench is about, as filters of Envoy. */
export async function ownSubjects({ files, configs, otherConfig, rootId }: OwnModules): Promise<Subject[]> {
  if (configs.length > 1 && configs.length !== files.length)
    throw new BenchUsageError(`bench: there are ${configs.length} configurations for ${files.length} modules; give one, or one for each`);
  return Promise.all(
    files.map(async (file, i) => {
      const wasm = resolve(file);
      const bytes = await readFile(wasm).catch((error: NodeJS.ErrnoException) => {
        const what = error.code === "ENOENT" ? `there is no ${file}` : `${file} cannot be read (${error.code})`;
        throw new BenchUsageError(`bench: ${what}; build it first, or name another module`);
      });
      if (!isWasm(bytes)) throw new BenchUsageError(`bench: ${file} is no WebAssembly module; give the .wasm that meshwright build wrote`);
      const name = basename(file, ".wasm");
      const given = configs.length === 1 ? configs[0] : configs[i];
      const config = given ?? taskConfiguration(name);
      const filter: WasmFilterSpec = { name, wasm, rootId: rootId ?? name, vmId: name, ...(config === undefined ? {} : { config }) };
      if (name === TASK_FILTER && given === undefined) expectTask(filter);
      const other = otherConfig === undefined ? {} : { other: { ...filter, config: otherConfig } };
      return { name, label: name, program: "task" as const, filter, own: true, ...other };
    }),
  );
}

/** The same, and where it is the measured task by default, the task once more in the way that costs least on a connection that is kept. */
export async function comparedSubjects(modules: OwnModules): Promise<Subject[]> {
  const subjects = await ownSubjects(modules);
  if (modules.configs.length > 0) return subjects;
  return subjects.flatMap(subject => (subject.name === TASK_FILTER ? [subject, withConnectionConstants(subject)] : [subject]));
}

function withConnectionConstants({ other, ...subject }: Subject): Subject {
  const name = `${subject.name}-connection`;
  const filter = { ...(subject.filter as WasmFilterSpec), vmId: name, config: CONNECTION_CONSTANTS };
  expectTask(filter);
  return { ...subject, name, label: `${subject.label}, "constants": "connection"`, filter };
}

function expectTask(filter: WasmFilterSpec): void {
  const wrong = wrongWith(filter, "task");
  if (wrong) throw new Error(`bench: ${filter.name} does not do what it is measured for:\n  ${wrong}`);
}
