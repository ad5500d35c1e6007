import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  compareVersions,
  type EnvoyBinary,
  EnvoyStartError,
  filterSubscription,
  findEnvoy,
  LineLog,
  listenerAddresses,
  listenerSubscription,
  reasonsIn,
  startProcess,
  statValue,
} from "../envoy/index.ts";
import {
  type CustomTag,
  dynamicFiles,
  type EnvoySpec,
  envoyConfig,
  filterStateTags,
  localPlace,
  spanAttributeNames,
  spanStatePrefix,
} from "../envoy-config/index.ts";
import { atExit } from "../leftovers/index.ts";
import { type OtlpReceiver, type Span, startReceiver } from "../otlp/index.ts";
import { type Differences, differences } from "./differences.ts";
import { type FilterLine, filterLines } from "./filter-log.ts";
import type { Module } from "./module.ts";
import { placeModule, type Reload, Reloader } from "./reload.ts";
import { withSources } from "./trap-lines.ts";
import { type Headers, startUpstream } from "./upstream.ts";
import { type Change, publisher, type Version } from "./versions.ts";
import { ACCESS_LOG, NOTING_FILTER, type Noted, parseNoted } from "./watch.ts";

export interface SessionOptions {
  module: Module;
  config?: unknown;
  rootId?: string | undefined;
  envoyVersion?: string | undefined;
  upstream?: string | undefined;
  port?: number | undefined;
  /** Further custom tags: name to format. */
  tags?: Record<string, string> | undefined;
  metadata?: Record<string, unknown> | undefined;
  env?: Record<string, string> | undefined;
  logLevel?: string | undefined;
  /** The filter comes from a watched file, so that `reload` can replace it. */
  reloadable?: boolean | undefined;
  /** How long a report waits for the span of its request. */
  spanPatienceMs?: number | undefined;
  onRequest(request: RequestReport): void;
  onFilterLine(line: FilterLine): void;
}

export interface RequestReport extends Omit<Noted, "headers" | "traceparent"> {
  /** Null when the request did not get through to the upstream. */
  upstream: Differences | null;
  spans: Span[];
}

export interface Session {
  url: string;
  envoy: EnvoyBinary;
  /** Names of the attributes that become tags. */
  tags: string[];
  /** Resolves with how Envoy ended. */
  ended: Promise<string>;
  log: LineLog;
  /** Why Envoy refused the filter at the start of a reloadable session: requests are answered 500 until a reload is accepted. */
  refused: readonly string[] | null;
  /** Replaces module, configuration or both in the running Envoy; for a reloadable session. */
  reload(change: Change): Promise<Reload>;
  stop(): Promise<void>;
}

/** How long a request's span may take to arrive: Envoy flushes every 100 ms here, on a machine that has the time. Some requests have none. */
const SPAN_PATIENCE_MS = 5_000;

/** A real Envoy with the filter, before an upstream, with Envoy's tracer exporting to this process. */
export async function startSession(options: SessionOptions): Promise<Session> {
  const envoy = await findEnvoy({ version: options.envoyVersion });
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const arrived = new Map<string, Headers[]>();
    const upstream = await startUpstream(options.upstream, headers => note(arrived, headers));
    closers.push(() => upstream.stop());
    const receiver = await startReceiver();
    closers.push(() => receiver.stop());
    const folder = await mkdtemp(join(tmpdir(), "meshwright-run-"));
    const forget = atExit(() => rmSync(folder, { recursive: true, force: true }));
    closers.push(() => rm(folder, { recursive: true, force: true }).then(forget));

    const place = localPlace(folder);
    const { name, file } = options.module;
    const first = { wasm: options.reloadable ? await placeModule(folder, name, file) : file, config: options.config };
    const specOf = (version: Version): EnvoySpec =>
      specFor(options, version, { upstream: upstream.url, otlp: receiver.url, tags: customTags(options, version.config, envoy.version) });
    const config = join(folder, "envoy.yaml");
    const files = dynamicFiles(specOf(first), place);
    for (const [path, text] of files) await writeFile(path, text);
    await writeFile(config, envoyConfig(specOf(first), place));

    const log = new LineLog();
    // Until Envoy is ready, lines wait: when it does not come up, the error repeats those that matter.
    let early: FilterLine[] | null = [];
    const tell = (line: FilterLine): unknown => (early ? early.push(line) : options.onFilterLine(line));
    const onFilterLine = filterLines(withSources(options.module.file, tell));
    const pending = new Set<Promise<void>>();
    log.follow(line => {
      const noted = parseNoted(line);
      if (!noted) return onFilterLine(line);
      const reported = spansOf(receiver, noted, options.spanPatienceMs).then(spans => {
        const { headers, traceparent: _, ...rest } = noted;
        const there = noted.id === null ? undefined : arrived.get(noted.id)?.shift();
        if (noted.id !== null) arrived.delete(noted.id);
        options.onRequest({ ...rest, spans, upstream: there ? differences(headers, there) : null });
      });
      pending.add(reported);
      void reported.finally(() => pending.delete(reported));
    });
    const level = options.logLevel ?? "info";
    const running = await startProcess({
      binary: envoy.path,
      config,
      folder,
      log,
      logLevel: "warning",
      componentLogLevel: `wasm:${level}`,
    });
    closers.push(async () => {
      await Promise.all(pending);
      await running.stop();
    });
    // Refused listeners from a file do not keep Envoy from running, only from listening.
    if ((await statValue(running.admin, `${listenerSubscription}.update_rejected`)) > 0)
      throw new EnvoyStartError("its listener was refused", log);
    const [address] = await listenerAddresses(running.admin);
    if (!address) throw new Error("Envoy opened no listener");
    const rejections = await statValue(running.admin, `${filterSubscription(name, "http")}.update_rejected`);
    const refused = rejections > 0 ? reasonsIn(log.lines) : null;
    const reloader = new Reloader({ admin: running.admin, log, place, filter: name, files, refused });
    const waited = early;
    early = null;
    for (const line of waited) options.onFilterLine(line);
    return {
      url: `http://127.0.0.1:${address.port}`,
      envoy,
      tags: Object.keys(customTags(options, options.config, envoy.version)),
      ended: running.ended,
      log,
      refused,
      reload: publisher(first, { folder, name }, version => reloader.publish(dynamicFiles(specOf(version), place))),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function specFor(
  options: SessionOptions,
  { wasm, config }: Version,
  around: { upstream: string; otlp: string; tags: Record<string, CustomTag> },
): EnvoySpec {
  const { module, env, reloadable = false } = options;
  const filter = {
    name: module.name,
    wasm,
    config,
    rootId: options.rootId ?? module.name,
    discovered: reloadable,
    ...(env ? { env } : {}),
  };
  return {
    clusters: [{ name: "upstream", url: around.upstream }],
    tracing: { otlp: around.otlp, service: module.name, customTags: around.tags },
    ...(options.metadata ? { node: { metadata: options.metadata } } : {}),
    // A configuration with other span attributes needs other custom tags, and those stand in the listener.
    dynamicListeners: reloadable,
    listeners: [{ name: "run", port: options.port ?? 0, filters: [NOTING_FILTER, filter], accessLog: ACCESS_LOG }],
  };
}

function customTags({ module, tags }: SessionOptions, config: unknown, version: string): Record<string, CustomTag> {
  // Before 1.37 a tag cannot read filter state, and Envoy refuses the whole configuration.
  if (compareVersions(version, "1.37.0") < 0) return {};
  return { ...filterStateTags(spanAttributeNames(module.name, config), `wasm.${spanStatePrefix(module.name, config)}`), ...tags };
}

function note(arrived: Map<string, Headers[]>, headers: Headers): void {
  const id = headers.find(([name]) => name.toLowerCase() === "x-request-id")?.[1];
  if (id === undefined) return;
  const waiting = arrived.get(id);
  if (waiting) waiting.push(headers);
  else arrived.set(id, [headers]);
}

async function spansOf(receiver: OtlpReceiver, { id, traceparent }: Noted, patienceMs = SPAN_PATIENCE_MS): Promise<Span[]> {
  const own = (span: Span): boolean => id !== null && span.attributes["guid:x-request-id"] === id;
  // Flags 00 after the tracer has written the header: nothing will be exported.
  const sampled = !/^[^-]+-[^-]+-[^-]+-.[02468ace]$/.test(traceparent ?? "");
  // A request that Envoy could not even read has neither id nor span.
  if (sampled && id !== null) await receiver.waitForSpans(spans => spans.some(own), patienceMs).catch(() => {});
  const found = receiver.spans(own);
  // What was reported need not be kept.
  if (receiver.spans().length > 1_000) receiver.clear();
  return found;
}
