import { validateHeaderName, validateHeaderValue } from "node:http";
import { shorten } from "../../scripts/envoy/index.ts";
import { asWritten } from "../envoy/http2-headers.ts";
import type { AccessLogEntry, Update } from "../envoy/index.ts";
import { bodyLength, latin1, piecesOf } from "../envoy/pieces.ts";
import { NO_TRAILERS, tellsLength } from "../envoy/request.ts";
import { isAsync } from "../host/bytes.ts";
import { createHost, type Exchange, type Host, HostRefusal, type LogLevel, type Plugin, type RequestOptions } from "../host/index.ts";
import { accessLogEntry } from "./access-log.ts";
import { response } from "./emulated-response.ts";
import { pluginOptions, refuseForeign } from "./emulated-spec.ts";
import { emulatedCluster, refusedCluster } from "./emulated-upstream.ts";
import { EmulatedGrpcUpstream } from "./grpc-emulated.ts";
import { listenerNamed } from "./listener-named.ts";
import { metricName } from "./metric-name.ts";
import { Patience } from "./patience.ts";
import { refuseUpdate } from "./refuse-update.ts";
import { EmulatedConnection, EmulatedTcpUpstream } from "./tcp-emulated.ts";
import type {
  HostGrpcUpstream,
  HostListener,
  HostRequest,
  HostResponse,
  HostSocket,
  HostSpec,
  HostTcpUpstream,
  HostUpstream,
  ProxyHost,
  RunningHost,
  TcpUpstreamOptions,
  UpstreamOptions,
} from "./types.ts";
import { UpstreamScript } from "./upstream-script.ts";
import { WorkerTurns } from "./worker-turns.ts";

const DRAIN_MS = 2_000;
/** Of every route that the driver of the real Envoy writes. */
const ROUTE_TIMEOUT_MS = 15_000;
/** Ports of upstreams that are none: nothing listens there. */
const FIRST_PORT = 20_000;

/** What stands behind the URLs of a scenario's upstreams. */
interface Neighbours {
  readonly http: Map<string, UpstreamScript>;
  readonly tcp: Map<string, EmulatedTcpUpstream>;
  readonly grpc: Map<string, EmulatedGrpcUpstream>;
  /** What upstreams of the test threw; told by the request during which it happened. */
  readonly errors: unknown[];
}

/** The emulator behind the interface of scenarios. */
export class EmulatorHost implements ProxyHost {
  readonly kind = "emulator";
  readonly version: string;
  readonly #neighbours: Neighbours = { http: new Map(), tcp: new Map(), grpc: new Map(), errors: [] };
  readonly #running = new Set<RunningEmulator>();

  constructor(version: string) {
    this.version = version;
  }

  async upstream(options: UpstreamOptions = {}): Promise<HostUpstream> {
    const script = new UpstreamScript(options, () => this.#meanwhile());
    const address = this.#address();
    this.#neighbours.http.set(address, script);
    return { url: `http://${address}`, requests: script.requests, next: () => script.next() };
  }

  async tcpUpstream(options: TcpUpstreamOptions = {}): Promise<HostTcpUpstream> {
    const address = this.#address();
    const upstream = new EmulatedTcpUpstream(`tcp://${address}`, options);
    this.#neighbours.tcp.set(address, upstream);
    return upstream;
  }

  async grpcUpstream(): Promise<HostGrpcUpstream> {
    const address = this.#address();
    const upstream = new EmulatedGrpcUpstream(`http://${address}`, () => this.#meanwhile());
    this.#neighbours.grpc.set(address, upstream);
    return upstream;
  }

  async start(spec: HostSpec): Promise<RunningHost> {
    const running: RunningEmulator = new RunningEmulator(this.version, spec, this.#neighbours, () => void this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  /** Lets the time of all that runs pass as real time does, until the function that it returns is called. */
  #meanwhile(): () => void {
    const stops = [...this.#running].map(running => running.meanwhile());
    return () => {
      for (const stop of stops) stop();
    };
  }

  #address(): string {
    return `127.0.0.1:${FIRST_PORT + this.#neighbours.http.size + this.#neighbours.tcp.size + this.#neighbours.grpc.size}`;
  }
}

interface Listener {
  spec: HostListener;
  /** For each worker the filters that it has. */
  plugins: Plugin[][];
  log: AccessLogEntry[];
}

class RunningEmulator implements RunningHost {
  readonly kind = "emulator";
  readonly version: string;
  readonly host: Host;
  readonly #neighbours: Neighbours;
  readonly #stopped: () => void;
  readonly #patience = new Patience();
  readonly #connections = new Set<EmulatedConnection>();
  readonly #turns: WorkerTurns;
  #spec: HostSpec;
  #listeners: Map<string, Listener>;

  constructor(version: string, spec: HostSpec, neighbours: Neighbours, stopped: () => void) {
    this.#stopped = stopped;
    this.version = version;
    this.#neighbours = neighbours;
    this.#spec = spec;
    this.host = createHost({ version, drainMs: DRAIN_MS, ...(spec.node ? { node: spec.node } : {}) });
    this.#turns = new WorkerTurns(spec.workers ?? 1);
    for (let worker = 1; worker < this.#turns.workers; worker++) this.host.addWorker();
    this.#listeners = this.#load(spec);
  }

  async request(listener: string, options: HostRequest = {}): Promise<HostResponse> {
    const found = listenerNamed(this.#listeners, listener, "HTTP");
    refuseAsNode(options);
    const worker = this.#turns.next(options.worker);
    const exchange = await this.#send(found, listener, options, worker);
    await this.#until(() => exchange.done);
    if (found.spec.accessLog) found.log.push(accessLogEntry(found.spec.accessLog, exchange));
    return response(exchange, found.spec, options.http2 === true);
  }

  async connect(listener: string, options: { worker?: number } = {}): Promise<HostSocket> {
    const { spec, plugins } = listenerNamed(this.#listeners, listener, "TCP");
    const { tcp = "" } = spec;
    const url = this.#spec.clusters?.find(({ name }) => name === tcp)?.url;
    const worker = this.#turns.next(options.worker);
    const direction = spec.direction ? { direction: spec.direction } : {};
    const upstream = url === undefined ? undefined : this.#neighbours.tcp.get(new URL(url).host);
    const refused = upstream === undefined;
    const opened = this.#worker(worker).connect({ plugins: plugins[worker] ?? [], listener, cluster: tcp, refused, ...direction });
    const connection = new EmulatedConnection(opened, listener, upstream, {
      pump: () => this.#pump(),
      meanwhile: () => this.meanwhile(),
    });
    this.#connections.add(connection);
    this.#pump();
    return connection.client;
  }

  async #send({ spec, plugins }: Listener, listener: string, options: HostRequest, worker: number): Promise<Exchange> {
    const first = this.#spec.clusters?.[0]?.name;
    const { method, path, body, http2, trailers } = options;
    const whole: RequestOptions = {
      // Node's client sends it so.
      ...(method === undefined ? {} : { method: method.toUpperCase() }),
      ...(path === undefined ? {} : { path }),
      ...(http2 === undefined ? {} : { http2 }),
      ...(trailers === undefined ? {} : { trailers: asWritten(trailers) }),
      headers: clientHeaders(options),
      plugins: plugins[worker] ?? [],
      listener,
      routeTimeoutMs: ROUTE_TIMEOUT_MS,
      ...(spec.direction ? { direction: spec.direction } : {}),
      ...(spec.bufferLimit === undefined ? {} : { bufferLimit: spec.bufferLimit }),
      routes: spec.routes ?? [first ? { cluster: first } : { response: { status: 200, body: "ok" } }],
    };
    const host = this.#worker(worker);
    if (!isAsync(body)) {
      return host.request({ ...whole, ...(body === undefined ? {} : { body }) });
    }
    const exchange = host.open(whole).sendHeaders(whole);
    const rest = this.#patience.owes(`the rest of the body of ${method ?? "GET"} ${path ?? "/"}`);
    try {
      for await (const piece of piecesOf(body)) {
        if (!exchange.done) exchange.sendData(piece);
        this.#moved();
      }
    } finally {
      rest();
    }
    if (!exchange.done) {
      if (whole.trailers) exchange.sendTrailers(whole.trailers);
      else exchange.sendData("", true);
    }
    return exchange;
  }

  #worker(index: number): Host {
    return this.host.workers[index] ?? this.host;
  }

  async logs(pattern?: RegExp | string): Promise<string[]> {
    return this.#lines(pattern);
  }

  #lines(pattern?: RegExp | string): string[] {
    return this.host.log.search(pattern).map(({ line }) => line);
  }

  async waitForLog(pattern: RegExp | string): Promise<string> {
    await this.#until(() => this.host.log.search(pattern).length > 0);
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

  async metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number> {
    return Number(this.host.metrics.named(metricName(name, labels))?.value ?? 0n);
  }

  async metrics(): Promise<Record<string, number>> {
    const counted = this.host.metrics.all.filter(({ type }) => type !== "histogram");
    return Object.fromEntries(counted.map(({ name, value }) => [name, Number(value)]));
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
    for (const { plugins } of old.values()) for (const plugin of plugins.flat()) plugin.remove();
    return { accepted: true, reasons: reasons() };
  }

  async drained(): Promise<void> {
    this.host.drain();
    this.#moved();
  }

  async pass(milliseconds: number): Promise<void> {
    this.host.advance(milliseconds);
    this.#moved();
    // What waits for it comes first, as it does on Envoy.
    await new Promise(resolve => setImmediate(resolve));
  }

  async setLogLevel(level: LogLevel): Promise<void> {
    this.host.log.level = level;
  }

  async stop(): Promise<void> {
    this.#stopped();
    for (const worker of this.host.workers) worker.close();
  }

  async #until(condition: () => boolean): Promise<void> {
    const { errors } = this.#neighbours;
    await this.#patience.until(this.host, () => {
      this.#pump();
      return errors.length > 0 || condition();
    });
    for (const error of errors.splice(0)) throw error;
  }

  /** Whoever waits at a connection or a server waits for the test, or for a timer of a filter: time passes as it does on Envoy. */
  meanwhile(): () => void {
    let over = false;
    const done = this.#patience.owes("what it waits for");
    void this.#until(() => over).catch(() => {});
    return () => {
      over = true;
      done();
    };
  }

  #moved(): void {
    this.#pump();
    this.#patience.wake();
  }

  /** Hands on what connections have got, until nothing moves any more. */
  #pump(): void {
    for (const connection of [...this.#connections]) if (!connection.pump()) this.#connections.delete(connection);
  }

  #load(spec: HostSpec): Map<string, Listener> {
    refuseForeign(spec);
    const { errors, http, grpc } = this.#neighbours;
    for (const { name, url, http2 = false } of spec.clusters ?? []) {
      const script = http.get(new URL(url).host);
      const server = grpc.get(new URL(url).host);
      const failed = (error: unknown): void => void errors.push(error);
      const cluster = server
        ? server.cluster(() => this.#moved(), this.#patience)
        : script
          ? emulatedCluster(script, this.#patience, failed, http2)
          : refusedCluster(this.host.envoy.refusedDetail);
      this.host.clusters.set(name, cluster);
      if (http2) this.host.http2Clusters.add(name);
    }
    for (const { routes = [], tcp } of spec.listeners) {
      for (const cluster of [tcp, ...routes.map(route => route.cluster)]) {
        if (cluster !== undefined && !spec.clusters?.some(({ name }) => name === cluster)) {
          throw new HostRefusal("configuration", `host: Envoy refuses the listener: route: unknown cluster '${cluster}'`);
        }
      }
    }
    const made: { worker: Host; plugin: Plugin }[] = [];
    try {
      return new Map(
        spec.listeners.map(each => {
          const plugins = this.host.workers.map(worker =>
            (each.filters ?? []).map(filter => {
              const plugin = worker.plugin(pluginOptions(filter, each));
              made.push({ worker, plugin });
              return plugin;
            }),
          );
          return [each.name, { spec: each, plugins, log: [] }];
        }),
      );
    } catch (error) {
      for (const { worker, plugin } of made) {
        worker.forgetPlugin(plugin);
        worker.release(plugin.context);
      }
      throw error;
    }
  }
}

/** What Node's client sends along. */
function clientHeaders({ headers = [], body, method, http2 }: HostRequest): [string, string][] {
  const all = headers.map(([name, value]): [string, string] => [name, value]);
  const has = (name: string): boolean => all.some(([key]) => key.toLowerCase() === name);
  if (!has("host")) all.unshift(["host", "127.0.0.1:10000"]);
  if (http2) return asWritten(all);
  const length = bodyLength(body);
  if (length === null) all.push(["transfer-encoding", "chunked"]);
  else if (tellsLength(method, body) && !has("content-length") && !has("transfer-encoding")) all.push(["content-length", String(length)]);
  if (!has("connection")) all.push(["connection", "close"]);
  return all;
}

/** Refuses what Node's client, which sends the requests to the real Envoy, does not send. */
function refuseAsNode({ path = "/", headers = [], body, http2, trailers }: HostRequest): void {
  if (/[^\u0021-\u00ff]/.test(path)) throw new TypeError("Request path contains unescaped characters");
  if (trailers && !http2) throw new TypeError(NO_TRAILERS);
  if (typeof body === "string") latin1(body);
  for (const [name, value] of headers) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
}
