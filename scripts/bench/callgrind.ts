import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ToolMissingError } from "./tool-missing.ts";

const run = promisify(execFile);

export async function needValgrind(): Promise<void> {
  for (const program of ["valgrind", "vgdb"]) {
    // Only "not there" counts: vgdb has no option that ends with status 0 and does nothing.
    await run(program, ["--version"]).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") return;
      const advice = "instructions are counted by valgrind (apt-get install valgrind, or dnf install valgrind)";
      throw new ToolMissingError(`${program} is not on PATH; ${advice}`, { cause });
    });
  }
}

/**
 * Writes a program that runs Envoy under callgrind and returns its path.
 *
 * - `--smc-check=all-non-file`: V8 writes code at run time; without it valgrind would go on executing what it translated before.
 * - `--separate-threads`: only the worker counts, not the main thread's timers and V8's compiler threads.
 * - `--instr-atstart=no`: the start and the warm-up run several times faster without counting.
 */
export async function callgrindLauncher(binary: string, folder: string): Promise<string> {
  const path = join(folder, "envoy-under-callgrind");
  const options = [
    "--tool=callgrind",
    "--smc-check=all-non-file",
    "--separate-threads=yes",
    "--instr-atstart=no",
    `--callgrind-out-file=${join(folder, "callgrind")}`,
  ];
  await writeFile(path, `#!/bin/sh\nexec valgrind ${options.map(quoted).join(" ")} ${quoted(binary)} "$@"\n`, { mode: 0o755 });
  return path;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The counters of a process that runs under callgrind. */
export class Counters {
  readonly #pid: number;
  readonly #folder: string;

  constructor(pid: number, folder: string) {
    this.#pid = pid;
    this.#folder = folder;
  }

  async start(): Promise<void> {
    await this.#tell("instrumentation", "on");
  }

  async stop(): Promise<void> {
    await this.#tell("instrumentation", "off");
  }

  /** The instructions of the `workers` busiest threads, which are Envoy's workers, while `work` is done. */
  async during(work: () => Promise<void>, workers = 1): Promise<number> {
    await this.#tell("zero");
    await work();
    await this.#tell("dump");
    const totals: number[] = [];
    for (const name of (await readdir(this.#folder)).filter(each => each.startsWith("callgrind."))) {
      totals.push(totalOf(await readFile(join(this.#folder, name), "utf8")));
      await rm(join(this.#folder, name));
    }
    return sumOfBusiest(totals, workers);
  }

  async #tell(...command: string[]): Promise<void> {
    await run("vgdb", [`--pid=${this.#pid}`, "--wait=20", ...command]);
  }
}

/** The sum of the `count` largest; throws when nothing was counted, which would read as no cost. */
export function sumOfBusiest(totals: readonly number[], count: number): number {
  const busiest = [...totals].sort((a, b) => b - a).slice(0, count);
  const sum = busiest.reduce((all, each) => all + each, 0);
  if (!(sum > 0)) throw new Error("bench: callgrind counted no instructions; is this valgrind able to run Envoy?");
  return sum;
}

/** The sum that callgrind writes at the end of a dump; 0 for a thread that did nothing. */
export function totalOf(dump: string): number {
  return Number(/^(?:totals|summary): (\d+)/m.exec(dump)?.[1] ?? 0);
}
