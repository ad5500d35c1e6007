import { relative } from "node:path";
import { type Command, Option } from "commander";
import { InitError, initProject, TEMPLATES, type Template } from "../init/index.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly template: Template;
  readonly package?: string;
}

export function register(program: Command): void {
  program
    .command("init")
    .description("make a project that builds, tests and runs a filter")
    .argument("<folder>", "an empty or new folder; its name is the filter's")
    .addOption(new Option("--template <name>", "what to begin with").choices(TEMPLATES).default("http"))
    .option("--package <spec>", "where npm gets meshwright from, e.g. file:/path/to/meshwright-0.1.0.tgz (default: the registry)")
    .action(async (folder: string, flags: Flags) => {
      try {
        const files = await initProject(folder, { template: flags.template, packageSpec: flags.package });
        for (const file of files) console.log(`${folder}/${file}`);
        console.log(`\nNext: ${[...enter(folder), "npm install", "npm test"].join(" && ")}`);
      } catch (error) {
        throw error instanceof InitError ? new WorkError(error.message, { cause: error }) : error;
      }
    });
}

function enter(folder: string): string[] {
  if (relative(process.cwd(), folder) === "") return [];
  // To be copied into a shell as it stands.
  return [`cd ${/^[\w@%+=:,./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`}`];
}
