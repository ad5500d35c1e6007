import { validateHeaderName, validateHeaderValue } from "node:http";
import { shorten } from "../../scripts/envoy/index.ts";
import type { AccessLogEntry, EchoedRequest, FilterSpec, Update, WasmFilterSpec } from "../envoy/index.ts";
import { tellsLength } from "../envoy/request.ts";
import { bodyBytes } from "../host/bytes.ts";
import {
  createHost,
  type Exchange,
  type Host,
  HostRefusal,
  type LogLevel,
  type Plugin,
  type PluginOptions,
  type Upstream,
} from "../host/index.ts";
import { accessLogEntry } from "./access-log.ts";
import { refuseUpdate } from "./refuse-update.ts";
import type { HostListener, HostRequest, HostResponse, HostSpec, HostUpstream, ProxyHost, RunningHost, UpstreamOptions } from "./types.ts";

/** How long, by the emulator's clock, a request or a line is waited for. */
const PATIENCE_MS = 20_000;
const DRAIN_MS = 2_000;

/** The emulator behind the interface of scenarios. */
export class EmulatorHost implements ProxyHost {
  readonly kind = "emulator";
  readonly version: string;
  readonly #upstreams = new Map<string, { requests: EchoedRequest[]; handler: Upstream }>();

  constructor(version: string) {
    this.version = version;
  }

  async upstream({ respond }: UpstreamOptions = {}): Promise<HostUpstream> {
    const requests: EchoedRequest[] = [];
    const url = `http://127.0.0.1:${20000 + this.#upstreams.size}`;
    const handler: Upstream = request => {
      const { method, path, headers, body } = request;
      requests.push({ method, path, headers, body });
      const answer = respond?.({ method, path, headers, body }) ?? {};
      const given = answer.headers ?? [["content-type", "application/json"]];
      const status = answer.status ?? 200;
      const framed =
        given.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name)) || status === 204 || status === 304 || method === "HEAD";
      // What Node's server adds.
      const added: [string, string][] = [
        ["date", new Date().toUTCString()],
        ["connection", "keep-alive"],
        ["keep-alive", "timeout=60"],
        ...(framed ? [] : [["transfer-encoding", "chunked"] satisfies [string, string]]),
      ];
      return {
        status,
        headers: [...given, ...added],
        body: Buffer.from(answer.body ?? JSON.stringify(requests.at(-1))),
        ...(answer.delayMs === undefined ? {} : { delayMs: answer.delayMs }),
      };
    };
    this.#upstreams.set(url, { requests, handler });
    return { url, requests };
  }

  async start(spec: HostSpec): Promise<RunningHost> {
    return new RunningEmulator(this.version, spec, url => this.#upstreams.get(new URL(url).origin));
  }
}

type FindUpstream = (url: string) => { requests: EchoedRequest[]; handler: Upstream } | undefined;

interface Listener {
  spec: HostListener;
  plugins: Plugin[];
  log: AccessLogEntry[];
}

class RunningEmulator implements RunningHost {
  readonly kind = "emulator";
  readonly version: string;
  readonly host: Host;
  readonly #find: FindUpstream;
  #spec: HostSpec;
  #listeners: Map<string, Listener>;

  constructor(version: string, spec: HostSpec, find: FindUpstream) {
    this.version = version;
    this.#find = find;
    this.#spec = spec;
    this.host = createHost({ version, drainMs: DRAIN_MS, ...(spec.node ? { node: spec.node } : {}) });
    this.#listeners = this.#load(spec);
  }

  async request(listener: string, options: HostRequest = {}): Promise<HostResponse> {
    const found = this.#listeners.get(listener);
    if (!found) throw new Error(`there is no listener "${listener}"; there is: ${[...this.#listeners.keys()].join(", ")}`);
    const { spec, plugins } = found;
    refuseAsNode(options);
    const first = this.#spec.clusters?.[0]?.name;
    const exchange = this.host.request({
      ...options,
      // Node's client sends it so.
      ...(options.method === undefined ? {} : { method: options.method.toUpperCase() }),
      headers: this.#clientHeaders(options),
      plugins,
      listener,
      ...(spec.direction ? { direction: spec.direction } : {}),
      ...(spec.bufferLimit === undefined ? {} : { bufferLimit: spec.bufferLimit }),
      routes: spec.routes ?? [first ? { cluster: first } : { response: { status: 200, body: "ok" } }],
    });
    this.#waitFor(() => exchange.done);
    if (spec.accessLog) found.log.push(accessLogEntry(spec.accessLog, exchange));
    return response(exchange, spec);
  }

  /** What Node's client sends along. */
  #clientHeaders({ headers = [], body, method }: HostRequest): [string, string][] {
    const all = headers.map(([name, value]): [string, string] => [name, value]);
    const has = (name: string): boolean => all.some(([key]) => key.toLowerCase() === name);
    if (!has("host")) all.unshift(["host", "127.0.0.1:10000"]);
    if (tellsLength(method, body) && !has("content-length") && !has("transfer-encoding")) {
      all.push(["content-length", String(bodyBytes(body).length)]);
    }
    if (!has("connection")) all.push(["connection", "close"]);
    return all;
  }

  async logs(pattern?: RegExp | string): Promise<string[]> {
    return this.#lines(pattern);
  }

  #lines(pattern?: RegExp | string): string[] {
    return this.host.log.search(pattern).map(({ line }) => line);
  }

  async waitForLog(pattern: RegExp | string): Promise<string> {
    this.#waitFor(() => this.host.log.search(pattern).length > 0);
    const [line] = this.#lines(pattern);
    if (line === undefined) throw new Error(`no line matched ${pattern}; the last lines:\n${this.host.log.lines.slice(-15).join("\n")}`);
    return line;
  }

  async accessLog(listener: string): Promise<AccessLogEntry[]> {
    return [...(this.#listeners.get(listener)?.log ?? [])];
  }

  async waitForAccessLog(count: number, listener: string): Promise<AccessLogEntry[]> {
    const entries = await this.accessLog(listener);
    if (entries.length < count) throw new Error(`the access log of ${listener} has ${entries.length} lines, not ${count}`);
    return entries;
  }

  async metric(name: string): Promise<number> {
    return Number(this.host.metrics.named(name)?.value ?? 0n);
  }

  async update(spec: HostSpec): Promise<Update> {
    refuseUpdate(this.#spec, spec);
    const from = this.host.log.entries.length;
    const reasons = (): string[] =>
      this.host.log.entries
        .slice(from)
        .filter(({ level }) => level === "error" || level === "warning")
        .map(({ line }) => shorten(line));
    const old = this.#listeners;
    try {
      const [next, logs] = [this.#load(spec), [...old].map(([name, { log }]) => [name, log] as const)];
      for (const [name, log] of logs) {
        const same = next.get(name);
        if (same) same.log = log;
      }
      this.#listeners = next;
      this.#spec = spec;
    } catch (error) {
      if (!(error instanceof HostRefusal) || error.code === "gap" || error.code === "usage") throw error;
      return { accepted: false, reasons: reasons() };
    }
    for (const { plugins } of old.values()) for (const plugin of plugins) plugin.remove();
    return { accepted: true, reasons: reasons() };
  }

  async drained(): Promise<void> {
    this.host.drain();
  }

  async pass(milliseconds: number): Promise<void> {
    this.host.advance(milliseconds);
  }

  async setLogLevel(level: LogLevel): Promise<void> {
    this.host.log.level = level;
  }

  async stop(): Promise<void> {
    this.host.close();
  }

  /** Moves the clock from timer to timer until it holds, or patience ends. */
  #waitFor(condition: () => boolean): void {
    for (let waited = 0; !condition(); ) {
      const next = this.host.clock.untilNext;
      if (next === null || waited + next > PATIENCE_MS) return;
      waited += next;
      this.host.advance(next);
    }
  }

  #load(spec: HostSpec): Map<string, Listener> {
    refuseForeign(spec);
    for (const { name, url } of spec.clusters ?? []) {
      const upstream = this.#find(url);
      this.host.clusters.set(name, upstream?.handler ?? (() => "refused"));
    }
    for (const { routes = [] } of spec.listeners) {
      for (const { cluster } of routes) {
        if (cluster !== undefined && !spec.clusters?.some(({ name }) => name === cluster)) {
          throw new HostRefusal("configuration", `host: Envoy refuses the listener: route: unknown cluster '${cluster}'`);
        }
      }
    }
    const made: Plugin[] = [];
    try {
      return new Map(
        spec.listeners.map(each => {
          const plugins = (each.filters ?? []).map(filter => {
            const plugin = this.host.plugin(pluginOptions(filter, each));
            made.push(plugin);
            return plugin;
          });
          return [each.name, { spec: each, plugins, log: [] }];
        }),
      );
    } catch (error) {
      for (const plugin of made) {
        this.host.forgetPlugin(plugin);
        this.host.release(plugin.context);
      }
      throw error;
    }
  }
}

/** Refuses what Node's client, which sends the requests to the real Envoy, does not send. */
function refuseAsNode({ path = "/", headers = [] }: HostRequest): void {
  if (/[^\u0021-\u00ff]/.test(path)) throw new TypeError("Request path contains unescaped characters");
  for (const [name, value] of headers) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
}

/** Parts of a configuration that only the real Envoy understands. */
function refuseForeign(spec: HostSpec): void {
  const refuse = (what: string): never => {
    throw new HostRefusal("gap", `host: does not emulate ${what}; run this scenario with hosts: ["envoy"]`);
  };
  if (spec.tracing || spec.listeners.some(({ tracing }) => tracing)) refuse("tracers and their spans");
  if (spec.bootstrap) refuse("bootstrap settings");
  for (const listener of spec.listeners) {
    if (listener.hcm) refuse("settings of the HttpConnectionManager (hcm)");
    if (listener.tcp) refuse("TCP listeners in scenarios; createHost().connect() does");
    if (listener.routes?.some(({ route }) => route)) refuse("further settings of routes (route)");
  }
  for (const cluster of spec.clusters ?? []) if (cluster.filters) refuse("upstream HTTP filters");
}

const POLICIES = { FAIL_CLOSED: "closed", FAIL_OPEN: "open", FAIL_RELOAD: "reload" } as const;

function pluginOptions(filter: FilterSpec, listener: HostListener): PluginOptions {
  if ("typedConfig" in filter) throw new HostRefusal("gap", `host: does not emulate the filter ${filter.name}, which is no Wasm filter`);
  const { name, wasm, config, rootId, vmId, vmConfig, env, failurePolicy, plugin = {} } = filter as WasmFilterSpec;
  const { allow_on_headers_stop_iteration, capability_restriction_config, ...rest } = plugin;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new HostRefusal("gap", `host: does not emulate ${unknown} of a plugin`);
  const allowed = (capability_restriction_config as { allowed_capabilities?: object } | undefined)?.allowed_capabilities;
  return {
    name,
    wasm,
    rootId: rootId ?? name,
    ...(config === undefined ? {} : { config }),
    ...(vmId === undefined ? {} : { vmId }),
    ...(vmConfig === undefined ? {} : { vmConfig }),
    ...(env === undefined ? {} : { env }),
    ...(failurePolicy ? { failurePolicy: POLICIES[failurePolicy] } : {}),
    ...(allowed ? { capabilities: Object.keys(allowed) } : {}),
    allowOnHeadersStopIteration: allow_on_headers_stop_iteration === true,
    ...(listener.direction ? { direction: listener.direction } : {}),
  };
}

function response(exchange: Exchange, spec: HostListener): HostResponse {
  // In the words of Node's client, which has other ones when the response has begun.
  if (exchange.reset) throw new Error(exchange.received ? "aborted" : "socket hang up");
  const lacks = exchange.responseLacks;
  if (lacks > 0) throw new Error(`aborted: the response has ${lacks} bytes less than its content-length says`);
  if (lacks < 0) throw new Error(`Parse Error: the response has ${-lacks} bytes more than its content-length says`);
  const { status, body } = exchange.response;
  const { headers } = exchange.response;
  const { filterState } = exchange;
  const upstream = exchange.upstreamComplete ? exchange.upstream : null;
  const text = body.toString("utf8");
  const attributes = (spec.spanAttributes ?? []).map(name => [name, filterState[`wasm.span.attributes.${name}`] ?? null] as const);
  return {
    status,
    headers,
    header: name => headers.find(([key]) => key === name.toLowerCase())?.[1] ?? null,
    body: text,
    json: <T>() => JSON.parse(text) as T,
    upstream: upstream && { method: upstream.method, path: upstream.path, headers: upstream.headers, body: upstream.body },
    spanAttributes: Object.fromEntries(attributes),
  };
}
