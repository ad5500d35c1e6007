import { type Command, InvalidArgumentError } from "commander";
import {
  areUnknownFlags,
  DoctorError,
  diagnose,
  type Finding,
  findingLines,
  overview,
  overviewLines,
  readAdmin,
  readDump,
  readLines,
  type Snapshot,
} from "../doctor/index.ts";
import { findModules } from "./find-modules.ts";
import { folders } from "./session-flags.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly admin?: string;
  readonly dump: readonly string[];
  readonly accessLog: readonly string[];
  readonly line: readonly string[];
  readonly log: readonly string[];
  readonly module: readonly string[];
  readonly show?: boolean;
  readonly json?: boolean;
}

const DEFAULT_ADMIN = "http://127.0.0.1:9901";

export function register(program: Command): void {
  program
    .command("doctor")
    .description(
      "say why there is no trace, no attribute, no answer: examine a running Envoy, or what was saved of one, and name what mends it",
    )
    .option("--admin <url>", `Envoy's admin interface (default: ${DEFAULT_ADMIN}; Istio's proxies have it on port 15000)`, url)
    .option(
      "--dump <path>",
      "instead: a saved config_dump, stats, clusters …, istioctl's -o json, or a folder of them; - for standard input",
      collect,
      [],
    )
    .option("--access-log <file>", "lines of an access log: also tell what their response flags mean", collect, [])
    .option("--line <text>", "the same for one line, or for flags alone: UF,URX", collect, [])
    .option("--log <file>", "Envoy's own log: also look for Wasm modules that failed", collect, [])
    .option("--module <file>", "a .wasm file to compare configurations with, beside those in build/; may be repeated", collect, [])
    .option("--show", "show the filter chains, plugins and tags instead of judging them")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExit status: 0 healthy, 1 an error was found, 2 nothing could be read. docs/troubleshooting.md explains each finding.",
    )
    .action(async (flags: Flags) => {
      try {
        await run(flags);
      } catch (error) {
        if (error instanceof DoctorError) throw new UsageError(`doctor: ${error.message}`, { cause: error });
        throw error;
      }
    });
}

async function run(flags: Flags): Promise<void> {
  const snapshot = await read(flags);
  if (flags.show) {
    const shown = overview(snapshot);
    console.log(flags.json ? JSON.stringify(shown, null, 2) : overviewLines(shown).join("\n"));
    return;
  }
  const findings = await diagnose(snapshot, findModules("doctor", { files: flags.module, folders: folders(), pull: null }));
  if (flags.json) console.log(JSON.stringify({ source: snapshot.source, findings }, null, 2));
  else print(snapshot, findings);
  if (findings.some(({ severity }) => severity === "error")) throw new WorkError("");
}

async function read({ admin, dump, accessLog, line, log }: Flags): Promise<Snapshot> {
  if (admin && dump.length > 0) throw new UsageError("doctor: --admin and --dump are two proxies; give one of them");
  const logs = { accessLog: [...accessLog.flatMap(file => readLines(file)), ...line], envoyLog: log.flatMap(file => readLines(file)) };
  const unknown = line.find(areUnknownFlags);
  if (unknown !== undefined)
    throw new UsageError(`doctor: --line: expected a line of an access log or Envoy's response flags, such as UF,URX, found ${unknown}`);
  // Log lines can be explained without a proxy.
  if (!admin && dump.length === 0 && logs.accessLog.length + logs.envoyLog.length > 0) return { ...NOTHING, ...logs };
  const snapshot = dump.length > 0 ? readDump(dump) : await readAdmin(admin ?? DEFAULT_ADMIN);
  return { ...snapshot, ...logs };
}

const NOTHING = { source: "log lines", configs: [], stats: null, clusters: null, certificates: null, serverInfo: null };

function print({ source, configs, stats, clusters, certificates }: Snapshot, findings: readonly Finding[]): void {
  for (const finding of findings) console.log(`${findingLines(finding).join("\n")}\n`);
  const parts = { configuration: configs.length > 0, stats, clusters, certificates };
  const unread = Object.entries(parts).flatMap(([name, part]) => (part ? [] : [name]));
  if (unread.length > 0 && configs.length + (stats?.size ?? 0) > 0)
    console.error(`not looked at, because it is not there: ${unread.join(", ")}`);
  const count = (severity: string): number => findings.filter(each => each.severity === severity).length;
  const number = (severity: string): string => `${count(severity)} ${severity}${count(severity) === 1 ? "" : "s"}`;
  // Lines alone say nothing of what they do not complain about.
  const well = source === NOTHING.source ? "nothing in them tells of a failure; --admin or --dump examines the proxy itself" : "healthy";
  if (findings.every(({ severity }) => severity === "info")) console.log(`doctor: ${source}: ${well}`);
  else console.log(`doctor: ${source}: ${number("error")}, ${number("warning")}; docs/troubleshooting.md explains each by its name`);
}

function url(value: string): string {
  if (!/^http:\/\//.test(value) || !URL.canParse(value)) throw new InvalidArgumentError("Give a URL like http://127.0.0.1:9901.");
  return value;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];
