import { type Command, InvalidArgumentError, Option } from "commander";
import { ownProject } from "../build/index.ts";
import { compareVersions, DEFAULT_ENVOY_VERSION } from "../envoy/index.ts";
import { filterLine, type LiveEvent, liveLines, readConfig, requestLines, type Session, type SessionOptions } from "../run/index.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

/** What `run` and `dev` have in common. */
export interface SessionFlags {
  readonly config?: string;
  readonly envoy?: string;
  readonly upstream?: string;
  readonly port?: number;
  readonly rootId?: string;
  readonly tag?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly metadata?: string;
  readonly log?: string;
  readonly release?: boolean;
}

const LEVELS = ["trace", "debug", "info", "warning", "error", "critical", "off"];

export function sessionFlags(command: Command): Command {
  return command
    .option("--config <file>", "the filter's configuration: a file, or JSON")
    .option("--envoy <version>", `Envoy's version (default: ENVOY_PATH or envoy on PATH, else ${DEFAULT_ENVOY_VERSION})`)
    .option("--upstream <url>", "where requests go (default: an echo that answers with what it was asked)", url)
    .option("--port <number>", "where to listen (default: any free port)", port)
    .option("--root-id <id>", "the root id that the module registers (default: the filter's name)")
    .option("--tag <name=format>", "a further span attribute, e.g. user=%FILTER_STATE(wasm.user:PLAIN)%", pair)
    .option("--env <name=value>", "environment variable of the filter", pair)
    .option("--metadata <file>", "Envoy's node metadata (CLUSTER_ID, LABELS, …): a file, or JSON")
    .addOption(new Option("--log <level>", "level of the filter's log").choices(LEVELS).default("info"));
}

export type SessionInputs = Omit<SessionOptions, "module" | "config" | "onRequest" | "onFilterLine">;

/** The options of a session that are the same for every module. */
export function sessionInputs(flags: SessionFlags, command: string): SessionInputs {
  return {
    metadata: metadataOf(flags, command),
    rootId: flags.rootId,
    envoyVersion: flags.envoy,
    upstream: flags.upstream,
    port: flags.port,
    tags: flags.tag,
    env: flags.env,
    logLevel: flags.log,
  };
}

function metadataOf({ metadata }: SessionFlags, command: string): Record<string, unknown> | undefined {
  const read = wrongUse(() => readConfig(metadata, command, "--metadata"));
  if (read === undefined || (read !== null && typeof read === "object" && !Array.isArray(read))) return read as Record<string, unknown>;
  throw new UsageError(
    `${command}: --metadata: expected an object, found ${JSON.stringify(read)}; write it like '{"CLUSTER_ID": "cluster-a"}'`,
  );
}

/** Prints what happens, for a person. */
export const toTerminal = {
  onFilterLine: (line: Parameters<typeof filterLine>[0]): void => console.log(filterLine(line)),
  onRequest: (request: Parameters<typeof requestLines>[0]): void => console.log(`${requestLines(request).join("\n")}\n`),
  onEvent: (event: LiveEvent): void => {
    for (const line of liveLines(event)) console.log(`  ${line.replaceAll("\n", "\n  ")}`);
  },
};

export function greet({ url, envoy }: Session, what: string, flags: SessionFlags, reloads: boolean): void {
  console.log(`Envoy ${envoy.version} (${envoy.source}) runs ${what}`);
  if (compareVersions(envoy.version, "1.37.0") < 0)
    console.log("This Envoy cannot read filter state for its spans (1.37 can): no attributes");
  console.log(`${url} → ${flags.upstream ?? "echo"}; ${reloads ? "reloads on change; " : ""}Ctrl-C stops`);
  console.log(`try: curl -H 'x-user-id: u42' -H 'x-tenant-id: acme' ${url}/\n`);
}

/** Waits for Ctrl-C, or for one of `ends`; null when nobody need be told why. */
export async function untilEnd(ends: readonly Promise<string | null>[]): Promise<string | null> {
  let interrupt: () => void = () => {};
  const interrupted = new Promise<null>(resolve => {
    interrupt = () => resolve(null);
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  // Whoever reads our output has gone (`meshwright run … | head`): that is an end as well.
  process.stdout.on("error", interrupt);
  return Promise.race([interrupted, ...ends]);
}

export function endedByItself(command: string, how: string, session: Session | null): WorkError {
  return new WorkError(`${command}: Envoy ended by itself (${how}); its last lines:\n${session?.log.tail(15) ?? ""}`);
}

/** What cannot be read or found is for the caller to correct. */
export function wrongUse<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Where a filter may be found by its name. */
export const folders = (): string[] => [process.cwd(), ownProject().folder];

function url(value: string): string {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) throw new InvalidArgumentError("Give a URL like http://127.0.0.1:8080.");
  return value;
}

export function port(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > 65_535) throw new InvalidArgumentError("Give a port from 0, for any free one, to 65535.");
  return number;
}

/** A number of things to wait for. */
export function count(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError("Give a whole number above 0.");
  return Number(value);
}

export function integer(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError("Give a whole number.");
  return number;
}

function pair(value: string, before: Record<string, string> = {}): Record<string, string> {
  const at = value.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give name=value.");
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}
