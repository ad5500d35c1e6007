import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { type BuildResult, buildModule, findProject, ownProject } from "../build/index.ts";
import { UsageError } from "./usage-error.ts";

interface Flags {
  readonly output?: string;
  readonly debug?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("build")
    .description("compile filters to build/<name>.wasm, with a source map and a description beside it")
    .argument("[entry...]", "entry files, or folders with an index.ts (default: assembly/index.ts of this project)")
    .option("-o, --output <file>", "where to write the module; with one entry only")
    .option("--debug", "do not optimise")
    .option("--keep", "also write what each step made, numbered")
    .option("--json", "print the descriptions as JSON")
    .action(async (entries: string[], flags: Flags) => {
      const todo = entries.length > 0 ? entries : defaultEntries(process.cwd());
      if (flags.output !== undefined && todo.length > 1) {
        throw new UsageError(`build: --output names one file and there are ${todo.length} entries; give one entry, or leave --output out`);
      }
      const options = { debug: flags.debug ?? false, keep: flags.keep ?? false };
      const build = async (entry: string): Promise<BuildResult> => {
        const result = await buildModule(entry, flags.output === undefined ? options : { ...options, outFile: flags.output });
        for (const warning of result.warnings) console.error(warning);
        if (!flags.json) console.log(summary(result));
        return result;
      };
      const results = await Promise.all(todo.map(build));
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

/** A user's project has one filter; this package has a folder of them. */
function defaultEntries(cwd: string): string[] {
  const { folder } = findProject(cwd);
  if (folder === ownProject().folder) {
    const filters = join(folder, "assembly", "filters");
    return readdirSync(filters)
      .sort()
      .map(name => join(filters, name, "index.ts"))
      .filter(file => existsSync(file));
  }
  const entry = join(folder, "assembly", "index.ts");
  if (!existsSync(entry))
    throw new UsageError(`build: there is no ${relative(cwd, entry)}; give the entry file, as in: meshwright build src/filter.ts`);
  return [entry];
}

function summary({ meta, wasmFile, milliseconds }: BuildResult): string {
  const counts = `${meta.size} bytes, ${meta.exports.length} exports, ${meta.imports.length} imports, ${(milliseconds / 1000).toFixed(1)} s`;
  return `${relative(process.cwd(), wasmFile)}: ${counts}`;
}
