import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atExit, compareVersions, type EnvoyBinary, findEnvoy, LineLog, listenerAddresses, startProcess } from "../envoy/index.ts";
import { type CustomTag, type EnvoySpec, envoyConfig, filterStateTags, localPlace, spanAttributeNames } from "../envoy-config/index.ts";
import { type OtlpReceiver, type Span, startReceiver } from "../otlp/index.ts";
import { type Differences, differences } from "./differences.ts";
import { type FilterLine, filterLines } from "./filter-log.ts";
import type { Module } from "./module.ts";
import { type Headers, startUpstream } from "./upstream.ts";
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
  stop(): Promise<void>;
}

/** How long a request's span may take to arrive: Envoy flushes every 100 ms here. */
const SPAN_PATIENCE_MS = 1_000;

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

    const tags = customTags(options, envoy.version);
    const spec = specFor(options, upstream.url, receiver.url, tags);
    const config = join(folder, "envoy.yaml");
    await writeFile(config, envoyConfig(spec, localPlace(folder)));

    const log = new LineLog();
    // Until Envoy is ready, lines wait: when it does not come up, the error repeats those that matter.
    let early: FilterLine[] | null = [];
    const onFilterLine = filterLines(line => (early ? early.push(line) : options.onFilterLine(line)));
    const pending = new Set<Promise<void>>();
    log.follow(line => {
      const noted = parseNoted(line);
      if (!noted) return onFilterLine(line);
      const reported = spansOf(receiver, noted).then(spans => {
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
    const [address] = await listenerAddresses(running.admin);
    if (!address) throw new Error("Envoy opened no listener");
    const waited = early;
    early = null;
    for (const line of waited) options.onFilterLine(line);
    return { url: `http://127.0.0.1:${address.port}`, envoy, tags: Object.keys(tags), ended: running.ended, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function specFor(options: SessionOptions, upstream: string, otlp: string, tags: Record<string, CustomTag>): EnvoySpec {
  const { module, config, env } = options;
  const filter = { name: module.name, wasm: module.file, config, rootId: options.rootId ?? module.name, ...(env ? { env } : {}) };
  return {
    clusters: [{ name: "upstream", url: upstream }],
    tracing: { otlp, service: module.name, customTags: tags },
    ...(options.metadata ? { node: { metadata: options.metadata } } : {}),
    listeners: [{ name: "run", port: options.port ?? 0, filters: [NOTING_FILTER, filter], accessLog: ACCESS_LOG }],
  };
}

function customTags(options: SessionOptions, version: string): Record<string, CustomTag> {
  // Before 1.37 a tag cannot read filter state, and Envoy refuses the whole configuration.
  if (compareVersions(version, "1.37.0") < 0) return {};
  return { ...filterStateTags(spanAttributeNames(options.module.name, options.config)), ...options.tags };
}

function note(arrived: Map<string, Headers[]>, headers: Headers): void {
  const id = headers.find(([name]) => name.toLowerCase() === "x-request-id")?.[1];
  if (id === undefined) return;
  const waiting = arrived.get(id);
  if (waiting) waiting.push(headers);
  else arrived.set(id, [headers]);
}

async function spansOf(receiver: OtlpReceiver, { id, traceparent }: Noted): Promise<Span[]> {
  const own = (span: Span): boolean => id !== null && span.attributes["guid:x-request-id"] === id;
  // Flags 00 after the tracer has written the header: nothing will be exported.
  const sampled = !/^[^-]+-[^-]+-[^-]+-.[02468ace]$/.test(traceparent ?? "");
  if (sampled) await receiver.waitForSpans(spans => spans.some(own), SPAN_PATIENCE_MS).catch(() => {});
  const found = receiver.spans(own);
  // What was reported need not be kept.
  if (receiver.spans().length > 1_000) receiver.clear();
  return found;
}
