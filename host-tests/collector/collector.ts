import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LineLog } from "../../scripts/envoy/index.ts";
import { atExit } from "../../scripts/leftovers/index.ts";
import { quietPort } from "../istio/quiet-port.ts";
import { findCollector } from "./build.ts";
import { readLogFile, type WrittenLog } from "./log-file.ts";
import { readMetricFile, type WrittenPoint } from "./metric-file.ts";
import { readSpanFile, type WrittenSpan } from "./span-file.ts";

const READY = "Everything is ready";
const READY_TIMEOUT_MS = 120_000;

/** A running Collector with the receiver otlp and the exporter file. */
export interface Collector {
  /** Of the receiver, for OTLP over HTTP and over gRPC. */
  readonly http: string;
  readonly grpc: string;
  readonly folder: string;
  /** What has been written so far. */
  spans(): Promise<WrittenSpan[]>;
  logs(): Promise<WrittenLog[]>;
  metrics(): Promise<WrittenPoint[]>;
  /** Lines of its log that match. */
  said(pattern: RegExp): string[];
  /** The file that it writes. */
  readonly file: string;
  /** Ends the process as an orchestrator does: with SIGTERM, and what it has is written. */
  kill(): Promise<void>;
  /** Ends it as the kernel does when memory is short: at once. */
  crash(): Promise<void>;
  /** Starts it again on its ports; what was written stays. */
  restart(): Promise<void>;
  /** Stops the process without ending it: it takes connections, and answers nothing. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Parts of a Collector's configuration, merged over what is there. */
export interface CollectorConfig {
  readonly extensions?: object;
  readonly processors?: object;
  readonly connectors?: object;
  readonly exporters?: object;
  /** `service.pipelines` */
  readonly pipelines?: object;
}

export interface CollectorOptions {
  /** 127.0.0.1 unless Envoy runs in a container. */
  readonly host?: string;
  /** Configuration files that come before what the test adds: receiver, exporter and ports of its own. */
  readonly configs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Merged over the files. */
  readonly config?: CollectorConfig;
  /** A port for its own metrics; without it there are none. */
  readonly ownMetrics?: number;
  /** Where it writes; a folder of its own by default. */
  readonly fileFolder?: string;
}

/** Starts the Collector of otel/builder.yaml; without `configs` it writes each span, log record and metric that it receives to a file. */
export async function startCollector({
  host = "127.0.0.1",
  configs = [],
  env = {},
  config = {},
  ownMetrics,
  fileFolder,
}: CollectorOptions = {}): Promise<Collector> {
  const program = await findCollector();
  const folder = await mkdtemp(join(tmpdir(), "meshwright-otelcol-"));
  const file = join(fileFolder ?? folder, "spans.jsonl");
  const [http, grpc] = [await quietPort(), await quietPort()];
  const own = join(folder, "config.json");
  const pipeline = { receivers: ["otlp"], exporters: ["file"] };
  const toFile = configs.length === 0 ? { traces: pipeline, logs: pipeline, metrics: pipeline } : {};
  // JSON is YAML.
  await writeFile(own, JSON.stringify(merged({ pipelines: toFile, ...config }, { host, http, grpc, file, ownMetrics })));
  const args = [...configs, own].flatMap(each => ["--config", each]);
  const log = new LineLog();
  let child = await launch(program, args, env, log);
  return {
    http: `http://127.0.0.1:${http}`,
    grpc: `http://127.0.0.1:${grpc}`,
    folder,
    spans: () => readSpanFile(file),
    logs: () => readLogFile(file),
    metrics: () => readMetricFile(file),
    said: pattern => log.search(pattern),
    file,
    kill: () => end(child),
    crash: () => end(child, "SIGKILL"),
    restart: async () => {
      child = await launch(program, args, env, log);
    },
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    stop: async () => {
      child.kill("SIGCONT");
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Own {
  readonly host: string;
  readonly http: number;
  readonly grpc: number;
  readonly file: string;
  readonly ownMetrics: number | undefined;
}

function merged(config: CollectorConfig, { host, http, grpc, file, ownMetrics }: Own): object {
  const { pipelines, ...parts } = config;
  const protocols = { http: { endpoint: `${host}:${http}` }, grpc: { endpoint: `${host}:${grpc}` } };
  return {
    ...parts,
    receivers: { otlp: { protocols } },
    exporters: { ...parts.exporters, file: { path: file, append: true, flush_interval: "50ms" } },
    // Its own metrics would be on a port that every Collector takes.
    service: { telemetry: { metrics: ownMetrics === undefined ? { level: "none" } : { readers: [reader(ownMetrics)] } }, pipelines },
  };
}

const reader = (port: number): object => ({ pull: { exporter: { prometheus: { host: "127.0.0.1", port } } } });

async function launch(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  log: LineLog,
): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  const from = log.lines.length;
  child.stdout?.on("data", log.sink());
  child.stderr?.on("data", log.sink());
  const forget = atExit(() => child.kill("SIGKILL"));
  child.once("exit", forget);
  const ended = new Promise<never>((_, reject) => {
    child.once("error", error => reject(new Error(`collector: ${program}: ${error.message}`)));
    child.once("close", code => reject(new Error(`collector: ended with exit code ${code}; its last lines:\n${log.tail(15)}`)));
  });
  // When it ends later, nobody waits for it any more.
  ended.catch(() => {});
  await Promise.race([log.waitFor(READY, { timeoutMs: READY_TIMEOUT_MS, from }), ended]);
  return child;
}

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise<void>(resolve => child.once("close", () => resolve()));
  child.kill(signal);
  await closed;
}
