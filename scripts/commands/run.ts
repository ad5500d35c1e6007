import { type Command, InvalidArgumentError } from "commander";
import { ownProject } from "../build/index.ts";
import { compareVersions, DEFAULT_ENVOY_VERSION, EnvoyStartError } from "../envoy/index.ts";
import { filterLine, findModule, readConfig, requestLines, type Session, startSession } from "../run/index.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly config?: string;
  readonly envoy?: string;
  readonly upstream?: string;
  readonly port?: number;
  readonly rootId?: string;
  readonly tag?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly metadata?: string;
  readonly log?: string;
  readonly requests?: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("run")
    .description("run a filter in a real Envoy in front of an echo or your upstream; show spans, headers and the filter's log per request")
    .argument("<filter>", "a .wasm file, or the name of a built filter")
    .option("--config <file>", "the filter's configuration: a file, or JSON")
    .option("--envoy <version>", `Envoy's version (default: ENVOY_PATH or envoy on PATH, else ${DEFAULT_ENVOY_VERSION})`)
    .option("--upstream <url>", "where requests go (default: an echo that answers with what it was asked)", url)
    .option("--port <number>", "where to listen (default: any free port)", integer)
    .option("--root-id <id>", "the root id that the module registers (default: the filter's name)")
    .option("--tag <name=format>", "a further span attribute, e.g. user=%FILTER_STATE(wasm.user:PLAIN)%", pair)
    .option("--env <name=value>", "environment variable of the filter", pair)
    .option("--metadata <file>", "Envoy's node metadata (CLUSTER_ID, LABELS, …): a file, or JSON")
    .option("--log <level>", "level of the filter's log: trace, debug, info, warning, error", "info")
    .option("--requests <number>", "stop after that many requests", integer)
    .option("--json", "print each request as one line of JSON")
    .action(async (filter: string, flags: Flags) => {
      const session = await start(filter, flags);
      if (!flags.json) {
        const { envoy } = session.session;
        console.log(`Envoy ${envoy.version} (${envoy.source}) runs ${session.file}`);
        if (compareVersions(envoy.version, "1.37.0") < 0)
          console.log("This Envoy cannot read filter state for its spans (1.37 can): no attributes");
        console.log(`${session.session.url} → ${flags.upstream ?? "echo"}; Ctrl-C stops`);
        console.log(`try: curl -H 'x-user-id: u42' -H 'x-tenant-id: acme' ${session.session.url}/\n`);
      } else {
        console.log(JSON.stringify({ url: session.session.url, envoy: session.session.envoy.version, tags: session.session.tags }));
      }
      await untilEnd(session);
    });
}

interface Running {
  session: Session;
  file: string;
  /** Resolves when --requests is reached. */
  enough: Promise<void>;
}

async function start(filter: string, flags: Flags): Promise<Running> {
  const { module, config, metadata } = inputs(filter, flags);
  let seen = 0;
  let stop: () => void = () => {};
  const enough = new Promise<void>(resolve => {
    stop = resolve;
  });
  try {
    const session = await startSession({
      module,
      config,
      metadata,
      rootId: flags.rootId,
      envoyVersion: flags.envoy,
      upstream: flags.upstream,
      port: flags.port,
      tags: flags.tag,
      env: flags.env,
      logLevel: flags.log,
      onFilterLine: line => console.log(flags.json ? JSON.stringify({ log: line }) : filterLine(line)),
      onRequest: request => {
        console.log(flags.json ? JSON.stringify({ request }, asText) : `${requestLines(request).join("\n")}\n`);
        seen++;
        if (seen === flags.requests) stop();
      },
    });
    return { session, file: module.file, enough };
  } catch (error) {
    if (error instanceof EnvoyStartError) throw new WorkError(`run: ${error.message}`, { cause: error });
    throw new WorkError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function inputs(filter: string, flags: Flags) {
  try {
    const metadata = readConfig(flags.metadata) as Record<string, unknown> | undefined;
    return { module: findModule(filter, [process.cwd(), ownProject().folder]), config: readConfig(flags.config), metadata };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

async function untilEnd({ session, enough }: Running): Promise<void> {
  let interrupt: () => void = () => {};
  const interrupted = new Promise<void>(resolve => {
    interrupt = resolve;
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  // Whoever reads our output has gone (`meshwright run … | head`): that is an end as well.
  process.stdout.on("error", interrupt);
  const why = await Promise.race([interrupted.then(() => null), enough.then(() => null), session.ended]);
  await session.stop();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, interrupt);
  if (why !== null) throw new WorkError(`run: Envoy ended by itself (${why}); its last lines:\n${session.log.tail(15)}`);
}

function url(value: string): string {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) throw new InvalidArgumentError("Give a URL like http://127.0.0.1:8080.");
  return value;
}

function integer(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError("Give a whole number.");
  return number;
}

function pair(value: string, before: Record<string, string> = {}): Record<string, string> {
  const at = value.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give name=value.");
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}

const asText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
