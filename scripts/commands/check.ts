import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { checkModule, DEFAULT_MAX_SIZE, type Problem } from "../abi/index.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly maxSize: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("check")
    .description("say whether Envoy can load and run a module: ABI, imports, exports, start section, names, size")
    .argument("<file...>", ".wasm files")
    .option("--max-size <bytes>", "the largest accepted size", bytes, DEFAULT_MAX_SIZE)
    .option("--json", "print the problems as JSON")
    .action(async (files: string[], flags: Flags) => {
      const reports: { file: string; problems: Problem[] }[] = [];
      for (const file of files) reports.push({ file, problems: checkModule(await read(file), { name: file, maxSize: flags.maxSize }) });
      if (flags.json) console.log(JSON.stringify(reports, null, 2));
      const failed = reports.filter(({ problems }) => problems.length > 0);
      if (!flags.json) for (const { file, problems } of reports) if (problems.length === 0) console.log(`${file}: ok`);
      if (failed.length > 0) {
        const messages = failed.flatMap(({ problems }) => problems.map(({ message }) => message));
        throw new WorkError(flags.json ? "" : messages.join("\n"));
      }
    });
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new WorkError(`check: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}); give a .wasm file`, { cause: error });
  }
}

function bytes(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number <= 0) throw new InvalidArgumentError("Give a number of bytes above 0.");
  return number;
}
