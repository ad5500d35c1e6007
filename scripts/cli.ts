#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { BuildError, ownProject } from "./build/index.ts";
import * as bench from "./commands/bench.ts";
import * as build from "./commands/build.ts";
import * as check from "./commands/check.ts";
import * as dev from "./commands/dev.ts";
import * as doctor from "./commands/doctor.ts";
import * as init from "./commands/init.ts";
import * as inspect from "./commands/inspect.ts";
import * as manifest from "./commands/manifest.ts";
import * as pack from "./commands/package.ts";
import * as pull from "./commands/pull.ts";
import * as push from "./commands/push.ts";
import * as run from "./commands/run.ts";
import * as symbolize from "./commands/symbolize.ts";
import * as trace from "./commands/trace.ts";
import { UsageError } from "./commands/usage-error.ts";
import * as validate from "./commands/validate.ts";
import { WorkError } from "./commands/work-error.ts";

const COMMANDS = [init, build, check, run, dev, pack, push, pull, inspect, manifest, validate, symbolize, doctor, trace, bench];

/** Runs one command; returns its exit status: 0, 1 when the work failed, 2 for wrong use. */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("meshwright")
    .description("Write Envoy filters in AssemblyScript, test them, ship them.")
    .version(ownProject().version)
    .exitOverride()
    .showHelpAfterError("(add --help to see what is possible)");
  for (const command of COMMANDS) command.register(program);
  try {
    await program.parseAsync(withoutHelp(argv, program));
    return 0;
  } catch (error) {
    return report(error);
  }
}

/** `help x` of a command that there is not is `x`, which is told so; commander prints the general help instead. */
function withoutHelp(argv: readonly string[], program: Command): readonly string[] {
  const [node, file, word, asked] = argv as readonly [string, string, string?, string?];
  const isUnknown = word === "help" && asked !== undefined && !["help", ...program.commands.map(command => command.name())].includes(asked);
  return isUnknown ? [node, file, asked] : argv;
}

function report(error: unknown): number {
  // commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const told = error instanceof UsageError || error instanceof WorkError || error instanceof BuildError;
  // Anything else is our bug, and then the stack helps.
  const text = told ? error.message : error instanceof Error ? error.stack : String(error);
  if (text) console.error(text);
  return error instanceof UsageError ? 2 : 1;
}

// Without this a full disk would cut off what is redirected into a file, and nobody would know. A reader that has gone is none of it.
let isWritten = true;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" || !isWritten) return;
  isWritten = false;
  process.exitCode = 1;
  console.error(`meshwright: the output cannot be written (${error.code}); see where it goes`);
});

const status = await main(process.argv);
process.exitCode = isWritten ? status : 1;
