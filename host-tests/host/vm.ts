import { CALLBACKS } from "../../scripts/abi/callbacks.ts";
import { HOSTCALL_MODULE } from "../../scripts/abi/hostcalls.ts";
import { backtrace, framesOf } from "./backtrace.ts";
import type { Context } from "./context.ts";
import { instantiate, trap, type WasmImports, type WasmMemory } from "./engine.ts";
import type { Host } from "./host.ts";
import { HOSTCALL_TABLE, type HostFunction } from "./hostcalls/index.ts";
import { Memory } from "./memory.ts";
import type { PluginSettings } from "./plugin.ts";
import type { PluginContext } from "./plugin-context.ts";
import { HostRefusal } from "./refusal.ts";
import type { Crossing } from "./trace.ts";
import { Trap } from "./trap.ts";
import { VmContext } from "./vm-context.ts";
import { WASI_TABLE } from "./wasi.ts";

/** What may be called while the module allocates, and while it starts. */
const DURING_MALLOC = new Set(["proxy_log", "fd_write", "clock_time_get", "poll_oneoff", "emscripten_notify_memory_growth"]);
const NOT_DURING_START = new Set(["proc_exit", "fd_close", "fd_read", "fd_seek", "path_open", "sched_yield"]);

/** One instance of a module: its memory, its contexts, and who is being called at the moment. */
export class Vm {
  readonly host: Host;
  readonly settings: PluginSettings;
  readonly contexts = new Map<number, Context>();
  /** Plugin contexts in use, by the plugin's key. */
  readonly plugins = new Map<string, PluginContext>();
  /** Plugin contexts whose `on_done` returned false, by the plugin's key. */
  readonly pendingDone = new Map<string, PluginContext>();
  readonly vmContext: VmContext;
  /** Whether the module has trapped; nothing is called any more then. */
  failed = false;
  /** The plugin that it refused beside others; it serves on, and takes no further one. */
  closedBy: string | null = null;
  /** Whether the host has thrown the VM away. */
  gone = false;
  /** The context of the callback under way. */
  current: Context | null = null;
  effectiveId = 0;
  /** A local response was sent: whatever the callback returns, the stream stops. */
  stopIteration = false;
  // The lowest two bits of these numbers say what they are for.
  readonly #metricIds = { counter: 0, gauge: 1, histogram: 2 };
  readonly #callIds = { http: 0, grpc: 1, grpcStream: 2 };
  #memory: Memory | null = null;
  #exports: Readonly<Record<string, unknown>> = {};
  #nextContextId = 1;
  #actions: (() => void)[] = [];
  #allowed: "all" | "malloc" | "start" = "all";
  #callback: string | null = null;

  constructor(host: Host, settings: PluginSettings) {
    this.host = host;
    this.settings = settings;
    this.vmContext = new VmContext(this);
    this.contexts.set(0, this.vmContext);
  }

  get memory(): Memory {
    if (!this.#memory) throw new Error("the module has no memory before it is instantiated");
    return this.#memory;
  }

  /** Instantiates the module and runs `_initialize` or `_start`. */
  start(): void {
    const { compiled, outline } = this.settings.module;
    const imports: WasmImports = {};
    for (const { module, name } of outline.imports) {
      imports[module] ??= {};
      imports[module][name] = this.#hostFunction(module, name);
    }
    const instance = instantiate(compiled, imports);
    this.#exports = instance.exports;
    this.#memory = new Memory(instance.exports.memory as WasmMemory);
    this.#allowed = "start";
    if (this.exports("_initialize")) {
      this.call(this.vmContext, "_initialize");
      if (this.exports("main")) this.call(this.vmContext, "main", 0, 0);
    } else if (this.exports("_start")) this.call(this.vmContext, "_start");
    this.#allowed = "all";
  }

  exports(name: string): boolean {
    return typeof this.#exports[name] === "function" && this.#mayUse(name);
  }

  allocateContextId(): number {
    return this.#nextContextId++;
  }

  nextMetricId(type: "counter" | "gauge" | "histogram"): number {
    this.#metricIds[type] += 4;
    return this.#metricIds[type];
  }

  nextCallId(type: "http" | "grpc" | "grpcStream"): number {
    this.#callIds[type] += 4;
    return this.#callIds[type];
  }

  /** The context that a hostcall is about: the one in use, or the one that `proxy_set_effective_context` chose. */
  get context(): Context {
    const chosen = this.effectiveId === 0 ? undefined : this.contexts.get(this.effectiveId);
    const context = chosen ?? this.current;
    if (!context) throw new Error("a hostcall outside of a callback");
    return context;
  }

  /** Calls an export; 0 when it trapped, and the VM has failed then. */
  call(context: Context, name: string, ...args: number[]): number {
    const crossing = this.host.trace.begin({ kind: "callback", name, args, within: this.#callback });
    const [current, effective, callback] = [this.current, this.effectiveId, this.#callback];
    [this.current, this.effectiveId, this.#callback] = [context, 0, name];
    try {
      const result = (this.#exports[name] as (...args: number[]) => number | undefined)(...args);
      this.host.trace.end(crossing, result === undefined ? null : result >>> 0);
      return (result ?? 0) >>> 0;
    } catch (error) {
      if (error instanceof HostRefusal) throw error;
      this.#fail(context, name, error as Error);
      return 0;
    } finally {
      [this.current, this.effectiveId, this.#callback] = [current, effective, callback];
    }
  }

  /** What cpp-host does around every callback: actions that hostcalls asked for run when it has returned. */
  callback<T>(run: () => T): T {
    const result = run();
    this.stopIteration = false;
    this.runActions();
    return result;
  }

  /** Puts an action off until the callback has returned. */
  afterCallback(action: () => void): void {
    this.#actions.push(action);
  }

  runActions(): void {
    for (let action = this.#actions.shift(); action; action = this.#actions.shift()) action();
  }

  /** Asks the module for memory; 0 when it has none. */
  allocate(size: number): number {
    const [allowed, name] = [this.#allowed, this.exports("malloc") ? "malloc" : "proxy_on_memory_allocate"];
    this.#allowed = "malloc";
    const pointer = this.call(this.vmContext, name, size);
    this.#allowed = allowed;
    return pointer !== 0 && pointer + size <= this.memory.bytes.length ? pointer : 0;
  }

  /** Hands bytes over through two pointers. Nothing is allocated for no bytes: the module reads pointer 0, size 0. */
  give(data: Buffer, pointerOut: number, sizeOut: number): boolean {
    let pointer = 0;
    if (data.length > 0) {
      pointer = this.allocate(data.length);
      if (pointer === 0) return false;
      this.memory.write(pointer, data);
    }
    return this.memory.setWord(pointerOut, pointer) && this.memory.setWord(sizeOut, data.length);
  }

  /** A context that is gone. */
  forget(context: Context): void {
    this.contexts.delete(context.id);
  }

  #mayUse(name: string): boolean {
    const { capabilities } = this.settings;
    if (capabilities.size === 0 || !name.startsWith("proxy_on_") || name === "proxy_on_memory_allocate") return true;
    return capabilities.has(name) || !CALLBACKS.has(name);
  }

  #hostFunction(module: string, name: string): (...args: (number | bigint)[]) => number | undefined {
    const full = `${module}.${name}`;
    const call = this.#restricted(module, name) ?? (module === HOSTCALL_MODULE ? HOSTCALL_TABLE[name] : WASI_TABLE[name]);
    if (!call) throw new Error(`${full} is in scripts/abi and not in the emulator`);
    return (...given) => {
      const args = given.map(arg => (typeof arg === "bigint" ? BigInt.asUintN(64, arg) : arg >>> 0));
      const crossing: Crossing = this.host.trace.begin({ kind: "hostcall", name: full, args, within: this.#callback });
      if (!this.#mayCall(name)) throw trap("restricted_callback");
      const result = call(this, ...(args as number[]));
      this.host.trace.end(crossing, result ?? null);
      this.host.strict.hostcall(full, args, result ?? 0, this.#nextContextId - 1);
      return result;
    };
  }

  #mayCall(name: string): boolean {
    if (this.#allowed === "all") return true;
    if (this.#allowed === "malloc") return DURING_MALLOC.has(name);
    return name === "proxy_log" || name === "emscripten_notify_memory_growth" || (name in WASI_TABLE && !NOT_DURING_START.has(name));
  }

  /** A capability that the plugin's configuration does not allow answers an error and logs it. */
  #restricted(module: string, name: string): HostFunction | null {
    const { capabilities } = this.settings;
    if (capabilities.size === 0 || capabilities.has(name) || !(name.startsWith("proxy_") || module !== HOSTCALL_MODULE)) return null;
    const isWasi = module !== HOSTCALL_MODULE;
    const kind = isWasi ? "WASI" : "proxy-wasm";
    return () => {
      this.host.log.host("error", `Attempted call to restricted ${kind} capability: ${name}`);
      return isWasi ? 76 : 10;
    };
  }

  #fail({ settings }: Context, name: string, error: Error): void {
    this.failed = true;
    const [raw, message] = [framesOf(error), `${error.name}: ${error.message}`];
    const said = this.host.log.entries.at(-1);
    const abort = said?.level === "critical" && said.text.startsWith("abort: ") ? said.text : null;
    this.host.traps.push(new Trap(settings.name, settings.options.wasm, name, message, abort, raw));
    this.host.log.host("error", `Function: ${name} failed: Uncaught ${message}${backtrace(raw)}`);
    this.host.vmFailed(this);
  }
}
