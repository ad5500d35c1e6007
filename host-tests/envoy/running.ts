import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  adminGet,
  adminPost,
  changeWatchedFile,
  filterSubscription,
  type LineLog,
  listenerAddresses,
  listenerSubscription,
  reasonsIn,
  shorten,
  statValue,
} from "../../scripts/envoy/index.ts";
import {
  accessLogPath,
  dynamicFiles,
  type EnvoySpec,
  type FilterKind,
  type FilterSpec,
  filterFile,
  filterPath,
} from "../../scripts/envoy-config/index.ts";
import type { Run } from "./engine.ts";
import type { Instance } from "./instance.ts";
import { marks } from "./mark.ts";
import { type EnvoyResponse, type RequestOptions, rawExchange, request } from "./request.ts";

export type AccessLogEntry = Record<string, string | number | boolean | null>;

export interface Update {
  /** Whether Envoy took the new configuration over; the old one keeps serving when not. */
  accepted: boolean;
  /** What Envoy and the filter logged about it since, warnings of the filter included. */
  reasons: string[];
}

/** A running Envoy. */
export class RunningEnvoy {
  readonly version: string;
  readonly run: Run;
  /** "container meshwright-envoy:1.40.0" or "binary /path/to/envoy". */
  readonly described: string;
  readonly log: LineLog;
  /** A folder that both sides see under the same path. */
  readonly folder: string;
  /** Envoy's process id where it is a process of this machine. */
  readonly pid: number | undefined;
  readonly #instance: Instance;
  readonly #stopped: () => Promise<void>;
  #ports = new Map<string, number>();
  #first = "";
  /** The last one of each subscription, for when the same comes again. */
  readonly #updates = new Map<string, Update>();
  #stopping: Promise<void> | undefined;
  #marks = 0;

  constructor(version: string, run: Run, instance: Instance, stopped: () => Promise<void>) {
    this.version = version;
    this.run = run;
    this.described = instance.described;
    this.log = instance.log;
    this.folder = instance.place.folder;
    this.pid = instance.pid;
    this.#instance = instance;
    this.#stopped = stopped;
  }

  /** Names of the open listeners. */
  get listeners(): string[] {
    return [...this.#ports.keys()];
  }

  /** Where to reach a listener, by its name or the port in its configuration; the first listener by default. */
  address(listener: string | number = this.#first): { host: string; port: number } {
    if (typeof listener === "number") return { host: "127.0.0.1", port: listener };
    return this.#instance.reach(this.#portOf(listener));
  }

  /** The same for who resets connections: the ports that an engine maps may make an end of it. */
  async directAddress(listener: string): Promise<{ host: string; port: number }> {
    const direct = this.#instance.reachDirectly?.(this.#portOf(listener));
    return direct ?? this.address(listener);
  }

  #portOf(listener: string): number {
    const port = this.#ports.get(listener);
    if (port === undefined) throw new Error(`Envoy has no listener "${listener}"; it has: ${this.listeners.join(", ") || "none"}`);
    return port;
  }

  port(listener?: string): number {
    return this.address(listener).port;
  }

  url(listener?: string): string {
    const { host, port } = this.address(listener);
    return `http://${host}:${port}`;
  }

  /** `request("ingress", { path: "/x" })`, or `request({ path: "/x" })` to the first listener. */
  request(listener: string | number | RequestOptions, options?: RequestOptions): Promise<EnvoyResponse> {
    if (typeof listener === "object") return request(this.address(), listener);
    return request(this.address(listener), options);
  }

  /** Bytes as they are, see rawExchange. */
  raw(listener: string | number, bytes: string | Uint8Array, options?: { until?: RegExp; timeoutMs?: number }): Promise<string> {
    return rawExchange(this.address(listener), bytes, options);
  }

  /**
   * Lines of Envoy's log, all or those that match: everything that Envoy has written until now.
   * A line comes through a pipe, and from a container through the engine, so it may come later than the response that it belongs to;
   * `log.lines` has what is there already.
   */
  async logs(pattern?: RegExp | string): Promise<string[]> {
    await this.#catchUp();
    return this.log.search(pattern);
  }

  waitForLog(pattern: RegExp | string, options?: { timeoutMs?: number; from?: number }): Promise<string> {
    return this.log.waitFor(pattern, options);
  }

  /** Lines of a listener's access log (`accessLog: { json }`), as objects. */
  async accessLog(listener: string = this.#first): Promise<AccessLogEntry[]> {
    const text = await readFile(accessLogPath(this.#instance.place, listener), "utf8").catch(() => "");
    return text
      .split("\n")
      .slice(0, -1)
      .map(line => JSON.parse(line) as AccessLogEntry);
  }

  /** Waits for at least `count` lines; Envoy writes a line after the response has gone out. */
  async waitForAccessLog(count: number, listener: string = this.#first, timeoutMs = 30_000): Promise<AccessLogEntry[]> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const entries = await this.accessLog(listener);
      if (entries.length >= count) return entries;
      if (Date.now() > deadline) throw new Error(`the access log of ${listener} has ${entries.length} lines, not ${count}`);
      await pause(20);
    }
  }

  /** GET on the admin interface: the body. */
  async admin(path: string): Promise<string> {
    return (await adminGet(this.#instance.admin, path)).body;
  }

  adminPost(path: string): Promise<string> {
    return adminPost(this.#instance.admin, path);
  }

  get adminUrl(): string {
    return `http://${this.#instance.admin.host}:${this.#instance.admin.port}`;
  }

  /** One counter or gauge. */
  stat(name: string): Promise<number> {
    return statValue(this.#instance.admin, name);
  }

  /** Path of a file of this machine as Envoy sees it, for configurations written by hand. */
  path(file: string): string {
    return this.#instance.place.file(file);
  }

  /** Writes a file of Envoy's folder by rename, which is what Envoy's watches look for; answers its path. */
  async writeFile(name: string, content: string | Uint8Array): Promise<string> {
    const path = name.startsWith("/") ? name : join(this.folder, name);
    const scratch = join(dirname(path), `.${process.pid}.${Math.random().toString(36).slice(2)}`);
    await writeFile(scratch, content, { mode: 0o644 });
    await rename(scratch, path);
    return path;
  }

  /** Replaces the listeners of an Envoy whose configuration has `dynamicListeners`, and waits for its answer. */
  async update(spec: EnvoySpec): Promise<Update> {
    const files = dynamicFiles({ ...spec, dynamicListeners: true }, this.#instance.place);
    return this.#change(files, listenerSubscription);
  }

  /** Replaces a filter that was given as `discovered: true` in all workers; `kind` says where it stands. */
  async updateFilter(filter: FilterSpec, kind: FilterKind = "http"): Promise<Update> {
    return this.updateFilterFile(filter.name, filterFile(filter, this.#instance.place, kind), kind);
  }

  /** The same with the file's text, whatever it is. */
  async updateFilterFile(filter: string, text: string, kind: FilterKind = "http"): Promise<Update> {
    return this.#change(new Map([[filterPath(this.#instance.place, filter), text]]), filterSubscription(filter, kind));
  }

  /** Waits until replaced listeners and filter chains are gone, and with them the connections that still used them. */
  async drained(timeoutMs = 30_000): Promise<void> {
    const gauges = ["total_listeners_draining", "total_filter_chains_draining"].map(name => `listener_manager.${name}`);
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const left = await Promise.all(gauges.map(name => this.stat(name)));
      if (left.every(count => count === 0)) return;
      if (Date.now() > deadline)
        throw new Error(`after ${timeoutMs} ms Envoy still drains ${left[0]} listeners and ${left[1]} filter chains`);
      await pause(50);
    }
  }

  /** Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#instance.stop().finally(this.#stopped);
    return this.#stopping;
  }

  /** Reads the listeners' ports from Envoy; the driver does it after a start and an update. */
  async refresh(order: readonly string[] = []): Promise<void> {
    const addresses = await listenerAddresses(this.#instance.admin);
    this.#ports = new Map(addresses.map(({ name, port }) => [name, port]));
    this.#first = order.find(name => this.#ports.has(name)) ?? (this.#first || (addresses[0]?.name ?? ""));
  }

  /** Has Envoy write a line, and waits for it: all that it wrote before comes the same way. One that has stopped, or logs no errors, writes none. */
  async #catchUp(): Promise<void> {
    if (!(await marks(this.#instance.admin))) return;
    this.#marks++;
    await this.log.waitForMarks(this.#marks);
  }

  async #change(files: Map<string, string>, subscription: string): Promise<Update> {
    const there = await Promise.all([...files].map(([path]) => readFile(path, "utf8").catch(() => null)));
    if (there.includes(null)) {
      const how = subscription === listenerSubscription ? "dynamicListeners: true" : "the filter's discovered: true";
      throw new Error(`this Envoy reads no file for ${subscription}; start it with ${how}`);
    }
    if ([...files.values()].every((content, index) => content === there[index]))
      return this.#updates.get(subscription) ?? this.#atStart(subscription);
    const from = this.log.lines.length;
    const write = async (): Promise<void> => {
      for (const [path, content] of files) await this.writeFile(path, content);
    };
    const accepted = await changeWatchedFile(this.#instance.admin, subscription, write).catch(cause => {
      throw new Error(`${(cause as Error).message}; its log:\n${this.log.tail(15)}`, { cause });
    });
    // Its line goes another way than the counters.
    if (!accepted) await this.log.waitFor(/config update (rejected|failure)/, { from, timeoutMs: 60_000 });
    await this.#catchUp();
    await this.refresh();
    const update = { accepted, reasons: this.#reasonsSince(from) };
    this.#updates.set(subscription, update);
    return update;
  }

  async #atStart(subscription: string): Promise<Update> {
    const refused = (await this.stat(`${subscription}.update_rejected`)) > 0;
    return { accepted: !refused, reasons: refused ? this.#reasonsSince(0) : [] };
  }

  #reasonsSince(from: number): string[] {
    return reasonsIn(this.log.lines.slice(from)).map(shorten);
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
