import type { Socket } from "node:net";
import type { AccessLogEntry, EnvoySpec, RunningEnvoy, Update } from "../envoy/index.ts";
import { chooseRun, startEnvoy } from "../envoy/index.ts";
import { startGrpcUpstream } from "./grpc-real.ts";
import { listenerNamed } from "./listener-named.ts";
import { metricName } from "./metric-name.ts";
import { ReadTracker } from "./read-tracker.ts";
import { refuseUpdate } from "./refuse-update.ts";
import { connectReal, startTcpUpstream } from "./tcp-real.ts";
import type {
  HostGrpcUpstream,
  HostListener,
  HostRequest,
  HostResponse,
  HostSocket,
  HostSpec,
  HostTcpUpstream,
  HostUpstream,
  HostUpstreamRequest,
  ProxyHost,
  RunningHost,
  TcpUpstreamOptions,
  UpstreamOptions,
} from "./types.ts";
import { RequestsUnderWay, sameRequestId, type UnderWay } from "./under-way.ts";
import { UpstreamScript } from "./upstream-script.ts";
import { startUpstream } from "./upstream-server.ts";
import { BALANCED, WorkerSockets } from "./worker-sockets.ts";
import { WorkerTurns } from "./worker-turns.ts";

const DRAIN_S = 2;

/** The real Envoy behind the interface of scenarios. */
export class RealHost implements ProxyHost {
  readonly kind = "envoy";
  readonly version: string;
  readonly #keep: <T extends { stop(): Promise<void> }>(started: T) => T;
  readonly #running = new Set<RunningReal>();
  readonly #errors: unknown[] = [];

  /** `keep` sees to it that what was started ends. */
  constructor(version: string, keep: <T extends { stop(): Promise<void> }>(started: T) => T) {
    this.version = version;
    this.#keep = keep;
  }

  async upstream(options: UpstreamOptions = {}): Promise<HostUpstream> {
    const script = new UpstreamScript(options);
    let url = "";
    const react = async (request: HostUpstreamRequest) => {
      for (const running of this.#running) running.arrived(url, request);
      return script.react(request);
    };
    // A server has nobody to throw at; the request during which it happened does.
    const failed = (error: unknown): void => void this.#errors.push(error);
    const server = this.#keep(
      await startUpstream(
        await reachable(),
        react,
        failed,
        this.#readOf(() => url),
      ),
    );
    url = server.url;
    return { url, requests: script.requests, next: () => script.next() };
  }

  async tcpUpstream(options: TcpUpstreamOptions = {}): Promise<HostTcpUpstream> {
    let url = "";
    const upstream = this.#keep(
      await startTcpUpstream(
        await reachable(),
        options,
        this.#readOf(() => url),
      ),
    );
    url = upstream.url;
    return upstream;
  }

  async grpcUpstream(): Promise<HostGrpcUpstream> {
    return this.#keep(await startGrpcUpstream(await reachable()));
  }

  async start(spec: HostSpec): Promise<RunningHost> {
    const turns = new WorkerTurns(spec.workers ?? 1);
    const flags = { drainTimeS: DRAIN_S, drainStrategy: "immediate", componentLogLevel: "wasm:info", concurrency: turns.workers } as const;
    const envoy = await startEnvoy({ version: this.version, config: forEnvoy(spec), ...flags });
    const running: RunningReal = new RunningReal(envoy, spec, turns, this.#errors, () => void this.#running.delete(running));
    this.#running.add(running);
    this.#keep(running);
    return running;
  }

  /** What all Envoys of the scenario have read from an upstream. */
  #readOf(url: () => string): ReadTracker {
    return new ReadTracker(async () => {
      const counts = await Promise.all([...this.#running].map(running => running.readFromUpstream(url())));
      return counts.reduce((sum, count) => sum + count, 0);
    });
  }
}

/** An Envoy in a container reaches this machine by its bridge address, so servers must not listen on loopback only. */
async function reachable(): Promise<string> {
  return (await chooseRun()) === "container" ? "0.0.0.0" : "127.0.0.1";
}

const SHOWN = "span attribute ";

/** The configuration without what only scenarios have. */
function forEnvoy({ workers = 1, ...spec }: HostSpec): EnvoySpec {
  const config = withAttributes(spec);
  if (workers === 1) return config;
  return { ...config, listeners: config.listeners.map(each => ({ ...each, listener: { ...BALANCED, ...each.listener } })) };
}

/** Span attributes are seen in the access log: a response does not carry them. The entry without a name tells whose line it is. */
function withAttributes(spec: HostSpec): EnvoySpec {
  return {
    ...spec,
    listeners: spec.listeners.map(({ spanAttributes, ...listener }) => {
      if (!spanAttributes) return listener;
      const shown = spanAttributes.map(name => [`${SHOWN}${name}`, `%FILTER_STATE(wasm.span.attributes.${name}:PLAIN)%`]);
      const own = { ...Object.fromEntries(shown), [SHOWN]: "%REQ(X-REQUEST-ID)%" };
      return { ...listener, accessLog: { ...listener.accessLog, json: { ...listener.accessLog?.json, ...own } } };
    }),
  };
}

class RunningReal implements RunningHost {
  readonly kind = "envoy";
  readonly version: string;
  readonly envoy: RunningEnvoy;
  readonly #errors: unknown[];
  readonly #underWay = new RequestsUnderWay();
  readonly #trackers = new Map<string, ReadTracker>();
  /** Lines of an access log that belong to a response. */
  readonly #claimed = new Map<string, Set<number>>();
  /** Request ids that were given, not made by Envoy. */
  readonly #ids: string[] = [];
  readonly #turns: WorkerTurns;
  readonly #sockets: WorkerSockets;
  readonly #stopped: () => void;
  #spec: HostSpec;
  #listeners: Map<string, { spec: HostListener }>;

  constructor(envoy: RunningEnvoy, spec: HostSpec, turns: WorkerTurns, errors: unknown[], stopped: () => void) {
    this.envoy = envoy;
    this.version = envoy.version;
    this.#errors = errors;
    this.#spec = spec;
    this.#turns = turns;
    this.#sockets = new WorkerSockets(envoy, turns.workers);
    this.#stopped = stopped;
    this.#listeners = new Map(spec.listeners.map(listener => [listener.name, { spec: listener }]));
  }

  async request(listener: string, options: HostRequest = {}): Promise<HostResponse> {
    listenerNamed(this.#listeners, listener, "HTTP");
    const socket = await this.#socket(listener, options.worker);
    const { sent, entry } = this.#underWay.begin(options, url => this.#behind(listener).includes(new URL(url).host));
    if (entry.id !== null) this.#ids.push(entry.id);
    let upstream: HostUpstreamRequest | null | "unclear" = null;
    const tracker = this.#tracker(listener);
    const follow = {
      ...(socket ? { socket } : {}),
      onSocket: tracker.add.bind(tracker),
      beforePiece: (over: () => boolean) => tracker.caughtUp(`the client of listener "${listener}"`, over),
    };
    const response = await this.envoy.request(listener, { ...sent, ...follow }).finally(() => {
      upstream = this.#underWay.end(entry);
      for (const error of this.#errors.splice(0)) throw error;
    });
    const headers = response.headers.map(([name, value]): [string, string] => [name.toLowerCase(), value]);
    return withUpstream({ ...response, headers, spanAttributes: await this.#attributes(listener, entry) }, upstream);
  }

  async connect(listener: string, { worker }: { worker?: number } = {}): Promise<HostSocket> {
    listenerNamed(this.#listeners, listener, "TCP");
    const socket = await this.#socket(listener, worker);
    return connectReal(await this.envoy.directAddress(listener), listener, this.#tracker(listener), socket);
  }

  /** A connection to the worker whose turn it is; none where there is only one. */
  async #socket(listener: string, named: number | undefined): Promise<Socket | undefined> {
    const worker = this.#turns.next(named);
    return this.#turns.workers === 1 ? undefined : this.#sockets.open(listener, worker);
  }

  /** A request has reached an upstream. */
  arrived(url: string, request: HostUpstreamRequest): void {
    this.#underWay.arrived(url, request);
  }

  /** How many bytes Envoy has read from an upstream. */
  async readFromUpstream(url: string): Promise<number> {
    const clusters = (this.#spec.clusters ?? []).filter(cluster => new URL(cluster.url).host === new URL(url).host);
    const counts = await Promise.all(clusters.map(({ name }) => this.envoy.stat(`cluster.${name}.upstream_cx_rx_bytes_total`)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #tracker(listener: string): ReadTracker {
    const kind = this.#listeners.get(listener)?.spec.tcp === undefined ? "http" : "tcp";
    const tracker =
      this.#trackers.get(listener) ?? new ReadTracker(() => this.envoy.stat(`${kind}.${listener}.downstream_cx_rx_bytes_total`));
    this.#trackers.set(listener, tracker);
    return tracker;
  }

  /** Hosts of the upstreams that requests are routed to; what only filters call is none of them. */
  #behind(listener: string): string[] {
    const { clusters = [] } = this.#spec;
    const { routes, hcm } = this.#listeners.get(listener)?.spec ?? {};
    const all = hcm || routes?.some(({ route }) => route);
    const names = routes ? routes.map(({ cluster }) => cluster) : clusters.slice(0, 1).map(({ name }) => name);
    return clusters.filter(({ name }) => all || names.includes(name)).map(({ url }) => new URL(url).host);
  }

  async #attributes(listener: string, { id, alone }: UnderWay): Promise<Record<string, string | null>> {
    const names = this.#listeners.get(listener)?.spec.spanAttributes;
    if (!names) return {};
    const claimed = this.#claimed.get(listener) ?? new Set();
    this.#claimed.set(listener, claimed);
    const mine = (line: AccessLogEntry): boolean => {
      const of = String(line[SHOWN] ?? "");
      return alone || (id === null ? !this.#ids.some(other => sameRequestId(other, of)) : sameRequestId(id, of));
    };
    for (let count = claimed.size + 1; ; ) {
      const lines = await this.envoy.waitForAccessLog(count, listener);
      const index = lines.findIndex((line, each) => !claimed.has(each) && mine(line));
      const line = lines[index];
      if (line) {
        claimed.add(index);
        return Object.fromEntries(names.map(name => [name, (line[`${SHOWN}${name}`] ?? null) as string | null]));
      }
      count = lines.length + 1;
    }
  }

  logs(pattern?: RegExp | string): Promise<string[]> {
    return this.envoy.logs(pattern);
  }

  waitForLog(pattern: RegExp | string): Promise<string> {
    return this.envoy.waitForLog(pattern);
  }

  async accessLog(listener: string): Promise<AccessLogEntry[]> {
    return (await this.envoy.accessLog(listener)).map(hideAttributes);
  }

  async waitForAccessLog(count: number, listener: string): Promise<AccessLogEntry[]> {
    return (await this.envoy.waitForAccessLog(count, listener)).map(hideAttributes);
  }

  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number> {
    return this.envoy.stat(`wasmcustom.${metricName(name, labels)}`);
  }

  async metrics(): Promise<Record<string, number>> {
    const text = await this.envoy.admin(`/stats?filter=${encodeURIComponent("^wasmcustom\\.")}`);
    return Object.fromEntries([...text.matchAll(/^wasmcustom\.(.+): (\d+)$/gm)].map(([, name = "", value]) => [name, Number(value)]));
  }

  async update(spec: HostSpec): Promise<Update> {
    refuseUpdate(this.#spec, spec);
    const update = await this.envoy.update(forEnvoy(spec));
    if (update.accepted) {
      this.#spec = spec;
      this.#listeners = new Map(spec.listeners.map(listener => [listener.name, { spec: listener }]));
    }
    return update;
  }

  drained(): Promise<void> {
    return this.envoy.drained();
  }

  async pass(milliseconds: number): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, milliseconds));
  }

  async setLogLevel(level: string): Promise<void> {
    await this.envoy.adminPost(`/logging?wasm=${level}`);
  }

  async stop(): Promise<void> {
    await this.envoy.stop();
    this.#stopped();
  }
}

function withUpstream(response: Omit<HostResponse, "upstream">, upstream: HostUpstreamRequest | null | "unclear"): HostResponse {
  if (upstream !== "unclear") return { ...response, upstream };
  return {
    ...response,
    get upstream(): never {
      throw new Error(
        "response.upstream: other requests were under way at the same time, a filter has changed their x-request-id, and what the upstream got" +
          " may belong to any of them; look at the upstream's own requests, or send one request after the other",
      );
    },
  };
}

function hideAttributes(entry: AccessLogEntry): AccessLogEntry {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !key.startsWith(SHOWN)));
}
