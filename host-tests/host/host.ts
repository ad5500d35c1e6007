import { piecesOf } from "./bytes.ts";
import { Clock } from "./clock.ts";
import type { Context } from "./context.ts";
import { EventLoop } from "./event-loop.ts";
import { Exchange, type RequestOptions, type StreamOptions } from "./exchange.ts";
import { FilterState } from "./filter-state.ts";
import type { GrpcCall } from "./grpc-calls.ts";
import type { HttpCall } from "./http-calls.ts";
import { HostLog, type LogLevel } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { loadModule } from "./module.ts";
import type { NodeOptions } from "./node.ts";
import { type PluginOptions, PluginSettings } from "./plugin.ts";
import { PluginContext } from "./plugin-context.ts";
import { Plugin } from "./plugin-handle.ts";
import { HostRefusal } from "./refusal.ts";
import { SharedData } from "./shared-data.ts";
import { SharedQueues } from "./shared-queue.ts";
import { Status } from "./status.ts";
import type { ConnectionInfo } from "./stream-info.ts";
import { Strict, type StrictOptions } from "./strict.ts";
import { TcpConnection, type TcpOptions } from "./tcp.ts";
import { CallTrace } from "./trace.ts";
import type { Trap } from "./trap.ts";
import { BROKEN, type ClusterHandler, type Reaction, upstreamRequest } from "./upstream.ts";
import { differencesOf, type EnvoyDifferences } from "./versions.ts";
import { Vm } from "./vm.ts";

export interface HostOptions {
  /** Which Envoy to be like; 1.40.0 by default. */
  version?: string;
  node?: NodeOptions;
  /** Clusters that filters may call and routes may name. */
  clusters?: Readonly<Record<string, ClusterHandler>>;
  /** Names of those that are asked with HTTP/2, which is what gRPC and trailers need; the others with HTTP/1.1. */
  http2Clusters?: readonly string[];
  /** Lines of filters below this level are dropped; "info" by default, as in Envoy. */
  logLevel?: LogLevel;
  /** What a filter must not do, or leave behind; `close` then fails. */
  strict?: boolean | StrictOptions;
  /** Wall clock at the beginning, in milliseconds; the real time by default. */
  now?: number;
  /** How long an old configuration lives on after an update; ten minutes by default, as in Envoy. */
  drainMs?: number;
  /** Bytes that filters may buffer in a stream; 1 MiB by default. */
  bufferLimit?: number;
  /** How many lines of the call trace are kept; 0 keeps none and is fastest. */
  traceLimit?: number;
}

const DEFAULT_VERSION = "1.40.0";

/** Envoy's Proxy-Wasm host in this process: a worker, whose time stands still until the test moves it. */
export class Host {
  readonly version: string;
  readonly envoy: EnvoyDifferences;
  readonly clock: Clock;
  readonly log: HostLog;
  readonly trace: CallTrace;
  readonly metrics: Metrics;
  readonly sharedData: SharedData;
  /** Callbacks that ended in a trap, the last one last. */
  readonly traps: Trap[];
  readonly sharedQueues: SharedQueues;
  readonly strict: Strict;
  readonly node: NodeOptions;
  readonly clusters: Map<string, ClusterHandler>;
  /** Clusters that are asked with HTTP/2. */
  readonly http2Clusters: Set<string>;
  readonly bufferLimit: number;
  readonly drainMs: number;
  readonly #vms = new Map<string, Vm>();
  #plugins: Plugin[] = [];
  #httpCalls: HttpCall[] = [];
  #grpcCalls: GrpcCall[] = [];
  readonly #loop: EventLoop;
  readonly #workers: Host[];
  readonly #options: HostOptions;
  readonly #connections: { next: bigint };
  readonly #connectionStates: Map<bigint, FilterState>;
  readonly #open = new Set<Exchange>();

  /** `first` is the worker beside which this is another one of the same Envoy. */
  constructor(options: HostOptions = {}, first?: Host) {
    this.#options = options;
    this.#workers = first ? first.#workers : [];
    this.#workers.push(this);
    this.version = options.version ?? DEFAULT_VERSION;
    this.envoy = differencesOf(this.version);
    this.clock = first?.clock ?? new Clock(options.now ?? Date.now());
    this.log = first?.log ?? new HostLog(this.clock, options.logLevel ?? "info");
    this.trace = first?.trace ?? new CallTrace(options.traceLimit ?? 100_000);
    this.metrics = first?.metrics ?? new Metrics();
    this.sharedData = first?.sharedData ?? new SharedData();
    this.traps = first?.traps ?? [];
    this.#loop = first ? first.#loop : new EventLoop();
    this.sharedQueues = first?.sharedQueues ?? new SharedQueues(task => this.post(task));
    this.clusters = first?.clusters ?? new Map();
    this.http2Clusters = first?.http2Clusters ?? new Set(options.http2Clusters ?? []);
    this.#connections = first ? first.#connections : { next: 0n };
    this.#connectionStates = first ? first.#connectionStates : new Map();
    this.strict = new Strict(this, options.strict ?? false);
    this.node = options.node ?? {};
    this.bufferLimit = options.bufferLimit ?? 1024 * 1024;
    this.drainMs = options.drainMs ?? 600_000;
    if (!first) for (const [name, handler] of Object.entries(options.clusters ?? {})) this.clusters.set(name, handler);
  }

  /**
   * Another worker of the same Envoy: with VMs and streams of its own, and the clock, log, metrics, shared data, queues and clusters of this
   * one. A plugin is configured in each worker: call `plugin` on each.
   */
  addWorker(): Host {
    return new Host(this.#options, this);
  }

  /** The workers of this Envoy, in the order in which they were made. */
  get workers(): readonly Host[] {
    return this.#workers;
  }

  // What a test does -------------------------------------------------------------------------------------------------

  /** Loads and configures a plugin as a filter of a listener would. Throws when Envoy would refuse it. */
  plugin(options: PluginOptions): Plugin {
    const settings = this.settingsOf(options);
    const plugin = new Plugin(this, settings, this.contextOf(settings));
    this.#plugins.push(plugin);
    this.settle();
    return plugin;
  }

  /** Plugins in the order in which they were made. */
  get plugins(): readonly Plugin[] {
    return this.#plugins;
  }

  /** Sends a whole request. The exchange has the response, unless a filter has stopped it. */
  request(options: RequestOptions = {}): Exchange {
    const chunks = piecesOf(options.body);
    const headers = [...(options.headers ?? [])];
    const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const has = (name: string): boolean => headers.some(([key]) => key.toLowerCase() === name);
    if (chunks.length > 0 && !options.trailers && !options.http2 && !has("content-length") && !has("transfer-encoding")) {
      headers.push(["content-length", String(size)]);
    }
    const exchange = new Exchange(this, options);
    // All of it is there before Envoy turns to anything else.
    this.#loop.together(() => {
      exchange.sendHeaders({ ...options, headers }, size === 0 && !options.trailers);
      for (const chunk of chunks) exchange.sendData(chunk);
      if (options.trailers) exchange.sendTrailers(options.trailers);
      // The end of an HTTP/1 body comes by itself, without bytes.
      else if (size > 0) exchange.sendData("", true);
    });
    return exchange;
  }

  /** Opens a stream, to send headers, data and trailers one by one. */
  open(options: StreamOptions = {}): Exchange {
    return new Exchange(this, options);
  }

  /** Opens a TCP connection through plugins that are network filters. */
  connect(options: TcpOptions = {}): TcpConnection {
    const connection = new TcpConnection(this, options);
    connection.start();
    this.settle();
    return connection;
  }

  /** HTTP calls of filters that wait for an answer. */
  get httpCalls(): HttpCall[] {
    return this.#httpCalls.filter(call => call.state === "pending");
  }

  /** gRPC calls and streams of filters that are open. */
  get grpcCalls(): GrpcCall[] {
    return this.#grpcCalls.filter(call => call.state === "open");
  }

  /** Moves the time on: timers tick, calls time out, drained configurations end. */
  advance(milliseconds: number): void {
    this.clock.advance(milliseconds, () => this.settle());
    this.settle();
  }

  /** Ends an update's drain time now. */
  drain(): void {
    this.advance(this.drainMs);
  }

  /** Contexts of streams and connections that exist. */
  get liveStreams(): Context[] {
    return [...this.#vms.values()].flatMap(vm => [...vm.contexts.values()].filter(context => context.id !== 0 && context.root !== context));
  }

  /** Exchanges that are not done. */
  get openExchanges(): Exchange[] {
    return [...this.#open];
  }

  /** The end: strict mode looks at what is left, then all plugins are done and deleted. */
  close(): void {
    const { problems } = this.strict;
    for (const plugin of [...this.#plugins]) {
      this.forgetPlugin(plugin);
      this.release(plugin.context);
    }
    if (problems.length > 0) throw this.strict.refusal(problems);
  }

  // What the parts of the emulator use -------------------------------------------------------------------------------

  settingsOf(options: PluginOptions): PluginSettings {
    return new PluginSettings(options, loadModule(options.wasm, this.envoy), this.envoy);
  }

  /** The plugin context for these settings: the one that is there, or a new one in the VM that is there, or in a new VM. */
  contextOf(settings: PluginSettings): PluginContext {
    const running = this.#vms.get(settings.vmKey);
    const vm = running && !running.failed ? running : null;
    const known = vm?.plugins.get(settings.key);
    if (known) return known;
    if (vm) {
      if (vm.closedBy !== null)
        throw this.#refused(vm, settings, `Unable to create Wasm plugin: its VM has refused "${vm.closedBy}" before`);
      this.#tryOut(settings);
      return this.#configureBeside(vm, settings);
    }
    const fresh = this.#startVm(settings);
    const context = this.#configure(fresh, settings);
    this.#vms.set(settings.vmKey, fresh);
    return context;
  }

  /** As Envoy does: a configuration is tried out in a VM of its own, so that one that is refused never reaches the VM in use. */
  #tryOut(settings: PluginSettings): void {
    const lines = this.log.entries.length;
    const mark = this.trace.mark();
    const vm = this.#startVm(settings);
    try {
      this.#configure(vm, settings).destroy();
      this.log.entries.length = lines;
      this.trace.forgetSince(mark);
    } finally {
      vm.gone = true;
    }
  }

  /** A configuration that was good alone. Where the VM in use refuses it all the same, Envoy goes on without it, whatever the failure policy is. */
  #configureBeside(vm: Vm, settings: PluginSettings): PluginContext {
    const { context, refused } = this.#begin(vm, settings);
    if (refused === null) return context;
    if (vm.failed) throw this.#refused(vm, settings, refused);
    this.log.host("error", "Wasm VM failed Failed to configure thread-local Wasm plugin");
    vm.closedBy = settings.name;
    context.isLeftOut = true;
    return context;
  }

  #startVm(settings: PluginSettings): Vm {
    const vm = new Vm(this, settings);
    vm.start();
    if (vm.failed) throw this.#refused(vm, settings, "Failed to initialize Wasm code");
    return vm;
  }

  #configure(vm: Vm, settings: PluginSettings): PluginContext {
    const { context, refused } = this.#begin(vm, settings);
    if (refused !== null) throw this.#refused(vm, settings, refused);
    return context;
  }

  /** Makes a plugin context and configures it; with what Envoy says when that is refused. */
  #begin(vm: Vm, settings: PluginSettings): { context: PluginContext; refused: string | null } {
    const context = new PluginContext(vm, settings);
    const started = context.onStart() && !vm.failed;
    if (started && context.onConfigure() && !vm.failed) {
      vm.plugins.set(settings.key, context);
      return { context, refused: null };
    }
    vm.gone = vm.plugins.size === 0;
    context.destroy();
    return { context, refused: started ? "Failed to configure base Wasm plugin" : "Failed to start base Wasm" };
  }

  #refused({ failed }: Vm, settings: PluginSettings, why: string): HostRefusal {
    this.log.host("error", `Wasm VM failed ${why}`);
    const said = this.log.entries.filter(({ level }) => level === "error" || level === "critical" || level === "warning");
    const reasons = said.slice(-8).map(({ line }) => `\n  ${line}`);
    const text = `host: Envoy refuses the plugin ${settings.name}: ${why}; what was logged:${reasons.join("")}`;
    return new HostRefusal("configuration", text).at(failed ? this.traps : []);
  }

  /** One holder of a plugin context less; without any it is done, and its VM is gone when no other plugin is left in it. */
  release(context: PluginContext): void {
    if (context.isLeftOut) return;
    if (--context.holders > 0) return;
    const { vm } = context;
    vm.plugins.delete(context.settings.key);
    if (context.onDone()) {
      context.onDelete();
      context.destroy();
    } else vm.pendingDone.set(context.settings.key, context);
    if (vm.plugins.size === 0) this.#dispose(vm);
  }

  #dispose(vm: Vm): void {
    // What has deferred its end is not waited for when nothing else holds the VM.
    for (const context of vm.pendingDone.values()) context.destroy();
    vm.pendingDone.clear();
    vm.gone = true;
    if (this.#vms.get(vm.settings.vmKey) === vm) this.#vms.delete(vm.settings.vmKey);
    const { vmId } = vm.settings;
    if (this.#workers.some(worker => [...worker.#vms.values()].some(other => other.settings.vmId === vmId))) return;
    this.sharedData.deleteAll(vmId);
    this.sharedQueues.deleteAll(vmId);
  }

  /** `proxy_done`: ends what `on_done` deferred. */
  done(vm: Vm, context: Context): number {
    const pending = vm.pendingDone.get(context.settings.key);
    if (!pending) return Status.NotFound;
    vm.pendingDone.delete(context.settings.key);
    vm.afterCallback(() => {
      pending.onDelete();
      pending.destroy();
    });
    return Status.Ok;
  }

  /** A VM that has trapped serves no new plugin. */
  vmFailed(vm: Vm): void {
    if (this.#vms.get(vm.settings.vmKey) === vm) this.#vms.delete(vm.settings.vmKey);
  }

  drainLater(end: () => void): void {
    this.clock.after(this.drainMs, end);
  }

  forgetPlugin(plugin: Plugin): void {
    this.#plugins = this.#plugins.filter(each => each !== plugin);
  }

  httpCallMade(call: HttpCall): void {
    this.#httpCalls = [...this.httpCalls, call];
    const handler = this.clusters.get(call.cluster);
    const answer = typeof handler === "function" ? handler : handler === "manual" ? undefined : handler?.http;
    if (!answer) return;
    this.post(() => {
      if (call.state !== "pending") return;
      const take = (given: Reaction): void => {
        if (call.state !== "pending" || given === "never") return;
        if (typeof given === "string") call.answerFromRouter(503, BROKEN[given] + (given === "refused" ? this.envoy.refusedDetail : ""));
        else if (given.delayMs) this.clock.after(given.delayMs, () => call.state === "pending" && call.respond(given));
        else call.respond(given);
      };
      const given = answer(upstreamRequest(call.headers, call.body, call.trailers));
      if (given instanceof Promise) void given.then(each => take(each ?? {}));
      else take(given ?? {});
    });
  }

  grpcCallMade(call: GrpcCall): void {
    this.#grpcCalls = [...this.grpcCalls, call];
    const handler = this.clusters.get(call.cluster);
    const answer = typeof handler === "object" ? handler.grpc : undefined;
    if (answer) this.post(() => call.state === "open" && answer(call));
  }

  /** A stream's further message, for a server that listens. */
  grpcMessageSent(call: GrpcCall, message: Buffer): void {
    this.post(() => call.state === "open" && call.onMessage?.(message));
  }

  nextConnection(): ConnectionInfo {
    const id = this.#connections.next++;
    return { id, source: `127.0.0.1:${40000 + Number(id % 20000n)}`, destination: "127.0.0.1:10000" };
  }

  /** Filter state of a connection: shared by the streams whose test gives them one connection, else of one stream. */
  connectionState(id: bigint | undefined): FilterState {
    const known = id === undefined ? undefined : this.#connectionStates.get(id);
    const state = known ?? new FilterState();
    if (id !== undefined) this.#connectionStates.set(id, state);
    return state;
  }

  opened(exchange: Exchange): void {
    this.#open.add(exchange);
  }

  ended(exchange: Exchange): void {
    this.#open.delete(exchange);
    this.strict.streamEnded();
  }

  /** Runs a task when no callback is under way, as the next turn of Envoy's event loop would. */
  post(task: () => void): void {
    this.#loop.post(task);
  }

  /** Runs what was posted, unless it is running already. */
  settle(): void {
    this.#loop.settle();
  }
}

/** A host to test filters on. It is ready at once; `await` does no harm. */
export function createHost(options: HostOptions = {}): Host {
  return new Host(options);
}
