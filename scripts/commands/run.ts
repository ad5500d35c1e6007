import type { Command } from "commander";
import { EnvoyStartError } from "../envoy/index.ts";
import {
  findRunnable,
  findWatched,
  type LiveEvent,
  readConfig,
  type Session,
  type SessionOptions,
  startLive,
  startSession,
} from "../run/index.ts";
import {
  count,
  endedByItself,
  folders,
  greet,
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
  readonly watch?: boolean;
  readonly requests?: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("run")
    .description("run a filter in a real Envoy in front of an echo or your upstream; show spans, headers and the filter's log per request")
    .argument("<filter>", "a .wasm file, or the name of a built filter; with --watch also an entry file, or a folder with an index.ts");
  sessionFlags(command)
    .option("--watch", "build when a source changes, and reload module and configuration in the running Envoy")
    .option("--release", "with --watch: build as it is shipped, which takes longer")
    .option("--requests <number>", "stop after that many requests", count)
    .option("--json", "print each request as one line of JSON")
    .action((filter: string, flags: Flags) => {
      if (flags.release && !flags.watch) throw new UsageError("run: only --watch builds; leave --release out, or add --watch");
      return flags.watch ? watch(filter, flags) : run(filter, flags);
    });
}

async function run(filter: string, flags: Flags): Promise<void> {
  const module = wrongUse(() => findRunnable(filter, folders(), "run"));
  const config = wrongUse(() => readConfig(flags.config));
  const { options, enough } = reporting(flags);
  const session = await startSession({ ...options, module, config }).catch((error: Error) => {
    const text = error.message.startsWith("run: ") ? error.message : `run: ${error.message}`;
    throw new WorkError(error instanceof EnvoyStartError ? `${text}${portHint(error.message)}` : text, { cause: error });
  });
  sayStart(session, module.file, flags);
  const how = await untilEnd([enough, session.ended]);
  await session.stop();
  if (how !== null) throw endedByItself("run", how, session);
}

async function watch(filter: string, flags: Flags): Promise<void> {
  const watched = wrongUse(() => findWatched(filter, folders(), !flags.release));
  wrongUse(() => readConfig(flags.config));
  const { options, enough } = reporting(flags);
  let session: Session | null = null;
  const live = await startLive({
    ...options,
    watched,
    config: flags.config,
    onEvent: event => {
      if (event.kind === "started") {
        session = event.session;
        sayStart(session, watched.entry ?? watched.module.file, flags);
      }
      if (flags.json) console.log(JSON.stringify(described(event)));
      else toTerminal.onEvent(event);
    },
  });
  const how = await untilEnd([enough, live.ended]);
  await live.stop();
  if (how !== null) throw endedByItself("run", how, session);
}

const portHint = (reasons: string): string =>
  /Address already in use/.test(reasons) ? "\ngive another --port, or none for a free one" : "";

function sayStart(session: Session, what: string, flags: Flags): void {
  const { url, envoy, tags } = session;
  if (flags.json) console.log(JSON.stringify({ url, envoy: envoy.version, tags }));
  else greet(session, what, flags, flags.watch ?? false);
}

/** What both ways of running share; `enough` resolves when --requests is reached. */
function reporting(flags: Flags): { options: Omit<SessionOptions, "module" | "config">; enough: Promise<null> } {
  let seen = 0;
  let stop: (value: null) => void = () => {};
  const enough = new Promise<null>(resolve => {
    stop = resolve;
  });
  const options: Omit<SessionOptions, "module" | "config"> = {
    ...sessionInputs(flags, "run"),
    onFilterLine: line => (flags.json ? console.log(JSON.stringify({ log: line })) : toTerminal.onFilterLine(line)),
    onRequest: request => {
      if (flags.json) console.log(JSON.stringify({ request }, asText));
      else toTerminal.onRequest(request);
      seen++;
      if (seen === flags.requests) stop(null);
    },
  };
  return { options, enough };
}

/** An event as one line of JSON. */
function described(event: LiveEvent): Record<string, unknown> {
  if (event.kind === "started") return { started: { refused: event.session.refused } };
  if (event.kind === "failed") return { failed: { what: event.what, message: event.error.message } };
  const { what, buildMs, reload } = event;
  return { reload: { what, buildMs, ...reload } };
}

const asText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
