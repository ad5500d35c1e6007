import { execFile } from "node:child_process";
import { basename } from "node:path";
import { promisify } from "node:util";
import { MissingToolchainError } from "./peer.ts";

const run = promisify(execFile);

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** What to install when the program is not there. */
  readonly install: string;
}

/** Runs a compiler to its end; its standard output. */
export async function tool(program: string, args: readonly string[], { cwd, env, install }: ToolOptions): Promise<string> {
  try {
    const { stdout } = await run(program, args, { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26 });
    return stdout;
  } catch (cause) {
    const { code, stdout = "", stderr = "" } = cause as NodeJS.ErrnoException & { stdout?: string; stderr?: string };
    // execFile also answers ENOENT for a folder that does not exist; the folders here are ours.
    if (code === "ENOENT") throw new MissingToolchainError(`${program} is not on PATH; ${install}`, { cause });
    const said = `${stdout}${stderr}`.trim().split("\n").slice(-12).join("\n");
    throw new Error(`bench: ${basename(program)} ${args.join(" ")} failed in ${cwd ?? "."}:\n${said}`, { cause });
  }
}
