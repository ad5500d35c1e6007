import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { startDev } from "../dev/index.ts";
import { findWatched, readConfig, type Session } from "../run/index.ts";
import {
  endedByItself,
  folders,
  greet,
  port,
  type SessionFlags,
  sessionFlags,
  sessionInputs,
  toTerminal,
  untilEnd,
  wrongUse,
} from "./session-flags.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

interface Flags extends SessionFlags {
  readonly pagePort?: number;
}

export function register(program: Command): void {
  const command = program
    .command("dev")
    .description("build on change, reload in a running Envoy, and show requests, spans and the filter's log on a page")
    .argument("[filter]", "its name, its entry file, a folder with an index.ts, or a .wasm file (default: this project's)");
  sessionFlags(command)
    .option("--release", "build as it is shipped, which takes longer")
    .option("--page-port <number>", "where the page is served (default: any free port)", port)
    .action(dev);
}

async function dev(filter: string | undefined, flags: Flags): Promise<void> {
  const own = join("assembly", "index.ts");
  if (filter === undefined && !existsSync(own))
    throw new UsageError(`dev: there is no ${own} here; give a filter's name, or its entry file`);
  const watched = wrongUse(() => findWatched(filter ?? own, folders(), !flags.release, "dev"));
  wrongUse(() => readConfig(flags.config, "dev"));
  let session: Session | null = null;
  const live = await startDev({
    ...sessionInputs(flags, "dev"),
    ...toTerminal,
    watched,
    config: flags.config,
    command: "dev",
    pagePort: flags.pagePort,
    onPage: url => console.log(`the page: ${url}`),
    onEvent: event => {
      if (event.kind === "started") {
        session = event.session;
        greet(session, watched.entry ?? watched.module.file, flags, true);
      }
      toTerminal.onEvent(event);
    },
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
    throw new WorkError(
      `dev: the page cannot have port ${flags.pagePort} (${error.code}); give another --page-port, or none for a free one`,
      {
        cause: error,
      },
    );
  });
  const how = await untilEnd([live.ended]);
  await live.stop();
  if (how !== null) throw endedByItself("dev", how, session);
}
