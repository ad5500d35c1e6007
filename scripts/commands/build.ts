import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import type { Command } from "commander";
import {
  BuildError,
  type BuildOptions,
  type BuildResult,
  buildModule,
  findProject,
  ownProject,
  resolveEntry,
  watchModule,
} from "../build/index.ts";
import { UsageError } from "./usage-error.ts";

interface Flags {
  readonly output?: string;
  readonly debug?: boolean;
  readonly compat?: boolean;
  readonly keep?: boolean;
  readonly force?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("build")
    .description("compile filters to build/<name>.wasm, with a source map and a description beside it")
    .argument("[entry...]", "entry files, or folders with an index.ts (default: assembly/index.ts of this project)")
    .option("-o, --output <file>", "where to write the module; with one entry only")
    .option("--debug", "do not optimise")
    .option("--no-compat", "compile @solo-io/proxy-runtime and its descendants from node_modules, not Meshwright's compat")
    .option("--keep", "also write what each step made, numbered")
    .option("--force", "build what has not changed, too")
    .option("--watch", "build again whenever a source changes, until Ctrl-C")
    .option("--json", "print the descriptions as JSON")
    .action(async (entries: string[], flags: Flags) => {
      const todo = entries.length > 0 ? entries : defaultEntries(process.cwd());
      if (flags.output !== undefined && todo.length > 1) {
        throw new UsageError(`build: --output names one file and there are ${todo.length} entries; give one entry, or leave --output out`);
      }
      if (flags.watch && flags.json) throw new UsageError("build: --json waits for an end that --watch does not have; give one of them");
      const { debug = false, compat = true, keep = false, output } = flags;
      // What the steps made is not kept of a module that is not built.
      const options = { debug, compat, keep, reuse: !flags.force && !keep, ...(output === undefined ? {} : { outFile: output }) };
      if (flags.watch) return watchAll(todo, options);
      const results = await inPairs(todo, async entry => {
        const result = await buildModule(entry, options);
        for (const warning of result.warnings) console.error(warning);
        if (!flags.json) console.log(summary(result));
        return result;
      });
      if (flags.json) {
        console.log(
          JSON.stringify(
            results.map(({ meta, wasmFile, mapFile }) => ({ ...meta, wasmFile, mapFile })),
            null,
            2,
          ),
        );
      }
    });
}

/** Two at a time: while the compiler has one module, wasm-opt has another in a process of its own. */
async function inPairs<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  try {
    await Promise.all([worker(), worker()]);
  } catch (error) {
    queue.length = 0;
    throw error;
  }
  return results;
}

/** Ends with the signal that ends the process. */
async function watchAll(entries: readonly string[], options: BuildOptions): Promise<void> {
  // What is not there cannot be watched: no change would ever be seen.
  for (const entry of entries) resolveEntry(entry);
  for (const entry of entries) {
    watchModule(entry, options, outcome => {
      if (!(outcome instanceof Error)) {
        for (const warning of outcome.warnings) console.error(warning);
        console.log(summary(outcome));
      } else console.error(outcome instanceof BuildError ? outcome.message : outcome.stack);
    });
  }
  await new Promise<void>(resolve => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  process.exit(0);
}

/** A user's project has one filter; this package has a folder of them. */
function defaultEntries(cwd: string): string[] {
  const { folder } = findProject(cwd);
  // An example in somebody's repository need not be a package.
  const here = join(cwd, "assembly", "index.ts");
  if (folder !== realpathSync(cwd) && existsSync(here)) return [here];
  if (folder === ownProject().folder) {
    const filters = join(folder, "assembly", "filters");
    return readdirSync(filters)
      .sort()
      .map(name => join(filters, name, "index.ts"))
      .filter(file => existsSync(file));
  }
  const entry = join(folder, "assembly", "index.ts");
  if (existsSync(entry)) return [entry];
  const others = [...entriesOfCompiler(folder), ...entriesOfScripts(folder), join(folder, "index.ts"), join(folder, "src", "index.ts")]
    .filter(file => existsSync(file))
    .slice(0, 1);
  if (others.length === 0)
    throw new UsageError(`build: there is no ${relative(cwd, entry)}; give the entry file, as in: meshwright build src/filter.ts`);
  return others;
}

/** What `asconfig.json` has the compiler begin with. */
function entriesOfCompiler(folder: string): string[] {
  const file = join(folder, "asconfig.json");
  if (!existsSync(file)) return [];
  const { entries }: { entries?: unknown } = readJson(file);
  return Array.isArray(entries) ? entries.filter(entry => typeof entry === "string").map(entry => join(folder, entry)) : [];
}

/** What a script of `package.json` has the compiler begin with: `asc src/filter.ts -O3`. */
function entriesOfScripts(folder: string): string[] {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return [];
  const { scripts = {} }: { scripts?: Readonly<Record<string, unknown>> } = readJson(file);
  const commands = Object.values(scripts).filter(command => typeof command === "string");
  return commands.flatMap(command => [...command.matchAll(/\basc\s+([^-\s]\S*\.ts)\b/g)].map(([, entry = ""]) => join(folder, entry)));
}

function readJson(file: string): object {
  try {
    return Object(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // The build says what is wrong with it.
    return {};
  }
}

function summary({ meta, wasmFile, milliseconds, reused }: BuildResult): string {
  const counts = `${meta.size} bytes, ${meta.exports.length} exports, ${meta.imports.length} imports`;
  const time = milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
  return `${relative(process.cwd(), wasmFile)}: ${counts}, ${reused ? "up to date" : time}`;
}
