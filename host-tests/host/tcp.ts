import { MutableBody } from "./body.ts";
import { bodyBytes } from "./bytes.ts";
import { bodyBuffer, Context, constantBuffer, type ReadableBuffer } from "./context.ts";
import type { HeaderMap } from "./header-map.ts";
import type { Host } from "./host.ts";
import type { PluginContext } from "./plugin-context.ts";
import type { Plugin } from "./plugin-handle.ts";
import { Status } from "./status.ts";
import { type ConnectionInfo, StreamInfo } from "./stream-info.ts";
import type { Given } from "./value.ts";

export interface TcpOptions {
  /** The chain of network filters; all plugins of the host by default. */
  plugins?: readonly Plugin[];
  listener?: string;
  /** The cluster of the tcp_proxy behind the filters; its name is an attribute. */
  cluster?: string;
  /** Nobody listens where the cluster is. */
  refused?: boolean;
  direction?: "inbound" | "outbound";
  connection?: Partial<ConnectionInfo>;
  attributes?: Readonly<Record<string, Given>>;
}

const CLOSE_UNKNOWN = 0;
const CLOSE_LOCAL = 1;
const CLOSE_REMOTE = 2;

/** A TCP connection through network filters with Envoy's tcp_proxy behind them. The test plays client and upstream. */
export class TcpConnection {
  readonly host: Host;
  readonly info: StreamInfo;
  readonly filters: readonly TcpFilter[];
  /** What the upstream has received. */
  upstream = Buffer.alloc(0);
  /** What the client has received. */
  downstream = Buffer.alloc(0);
  /** The connection to the client is closed, by whom. */
  closed: "local" | "remote" | null = null;
  upstreamConnected = false;
  upstreamEnd = false;
  /** The upstream sends no more, and the client knows. */
  downstreamEnd = false;
  readonly #read = new MutableBody();
  #readEnd = false;
  readonly #write = new MutableBody();
  #next = 0;
  readonly #cluster: string;
  readonly #refused: boolean;

  constructor(host: Host, options: TcpOptions) {
    this.host = host;
    this.info = new StreamInfo({
      connection: { ...host.nextConnection(), ...options.connection },
      startTime: host.clock.now,
      direction: options.direction ?? "inbound",
      listener: options.listener ?? "listener",
      given: options.attributes,
    });
    this.info.upstreamBegun = true;
    this.#cluster = options.cluster ?? "upstream";
    this.#refused = options.refused ?? false;
    const filters: TcpFilter[] = [];
    for (const plugin of options.plugins ?? host.plugins) {
      const context = plugin.contextForStream();
      if (context === "failed") this.closed = "local";
      else if (context !== "skip") filters.push(new TcpFilter(this, filters.length, context));
    }
    this.filters = filters;
  }

  /** The connection is accepted. */
  start(): void {
    if (!this.closed) this.#newConnections();
  }

  /** Bytes of the client; with `endStream` it says that it sends no more, as a client that closes does first. */
  send(data: string | Uint8Array, endStream = false): this {
    const bytes = bodyBytes(data);
    this.info.bytesReceived += bytes.length;
    this.#read.append(bytes);
    this.#readEnd ||= endStream;
    this.#readFrom(0);
    this.#closeWhenBothEnded();
    this.host.settle();
    return this;
  }

  /** Bytes of the upstream; with `endStream` it sends no more. When both ends have said so, Envoy closes the connection. */
  respond(data: string | Uint8Array, endStream = false): this {
    this.#write.append(bodyBytes(data));
    for (const filter of [...this.filters].reverse()) {
      if (this.closed) return this;
      if (filter.onWrite(this.#write, endStream) === "stop") {
        this.host.settle();
        return this;
      }
    }
    const written = this.#write.drain();
    this.info.bytesSent += written.length;
    this.downstream = Buffer.concat([this.downstream, written]);
    this.downstreamEnd ||= endStream;
    this.#closeWhenBothEnded();
    this.host.settle();
    return this;
  }

  #closeWhenBothEnded(): void {
    if (this.upstreamEnd && this.downstreamEnd) this.close("local");
  }

  /** The connection breaks ("remote"), or Envoy closes it ("local"). */
  close(by: "remote" | "local" = "remote"): this {
    if (!this.closed) {
      this.closed = by;
      for (const filter of this.filters) filter.onClose(by === "remote" ? CLOSE_REMOTE : CLOSE_LOCAL);
    }
    this.host.settle();
    return this;
  }

  /** `proxy_continue_stream`: the filters behind get what this one held back. */
  continueReading(index: number): void {
    this.#next = Math.max(this.#next, index + 1);
    const wasConnected = this.upstreamConnected;
    if (!wasConnected) this.#newConnections();
    if (this.#read.length > 0 || this.#readEnd) this.#readFrom(wasConnected ? index + 1 : 0);
  }

  #newConnections(): void {
    for (; this.#next < this.filters.length; this.#next++) {
      const answer = (this.filters[this.#next] as TcpFilter).onNewConnection();
      if (this.closed) return;
      if (answer === "stop") {
        this.#next++;
        return;
      }
    }
    if (this.#refused) {
      // tcp_proxy asks once, and closes.
      this.host.post(() => this.close("local"));
      return;
    }
    this.upstreamConnected = true;
    this.info.upstream = { cluster: this.#cluster, address: "127.0.0.1:80" };
  }

  /** Nothing is read before the upstream is connected: tcp_proxy sees to that. */
  #readFrom(from: number): void {
    if (!this.upstreamConnected) return;
    for (let i = from; i < this.filters.length; i++) {
      if (this.closed) return;
      if ((this.filters[i] as TcpFilter).onData(this.#read, this.#readEnd) === "stop") return;
    }
    if (this.closed) return;
    this.upstream = Buffer.concat([this.upstream, this.#read.drain()]);
    this.upstreamEnd = this.#readEnd;
  }
}

/** The stream context of one network filter. */
export class TcpFilter extends Context {
  readonly connection: TcpConnection;
  readonly index: number;
  readonly #root: PluginContext;
  #read: MutableBody | null = null;
  #written: MutableBody | null = null;
  #over = false;
  #failedOnce = false;

  constructor(connection: TcpConnection, index: number, root: PluginContext) {
    super(root.vm, root.vm.allocateContextId(), root.settings);
    this.connection = connection;
    this.index = index;
    this.#root = root;
    root.holders++;
  }

  get root(): PluginContext {
    return this.#root;
  }

  protected get logPrefix(): string {
    return this.settings.streamPrefix;
  }

  override get info(): StreamInfo {
    return this.connection.info;
  }

  override get mutableInfo(): StreamInfo {
    return this.connection.info;
  }

  onNewConnection(): "continue" | "stop" {
    if (!this.vm.failed && this.vm.exports("proxy_on_context_create")) {
      this.vm.callback(() => this.vm.call(this, "proxy_on_context_create", this.id, this.#root.id));
    }
    this.created = true;
    return this.#guarded("proxy_on_new_connection");
  }

  onData(data: MutableBody, endStream: boolean): "continue" | "stop" {
    this.#read = data;
    const answer = this.#guarded("proxy_on_downstream_data", data.length, endStream ? 1 : 0);
    if (answer === "continue") this.#read = null;
    return answer;
  }

  onWrite(data: MutableBody, endStream: boolean): "continue" | "stop" {
    this.#written = data;
    const answer = this.#guarded("proxy_on_upstream_data", data.length, endStream ? 1 : 0);
    if (answer === "continue") this.#written = null;
    // The filter sees the end of the upstream only here.
    if (endStream) this.run("proxy_on_upstream_connection_close", 0, CLOSE_UNKNOWN);
    return answer;
  }

  onClose(type: number): void {
    if (!this.created || this.#over) return;
    this.#over = true;
    this.run("proxy_on_downstream_connection_close", 0, type);
    this.onDone();
    this.run("proxy_on_log", 0);
    this.onDelete();
    this.vm.forget(this);
    this.vm.host.release(this.#root);
  }

  /** A callback that may stop; a VM that has trapped closes the connection, or lets it go on. */
  #guarded(callback: string, ...args: number[]): "continue" | "stop" {
    if (this.vm.failed) return this.#failedAnswer();
    if (!this.vm.exports(callback)) return "continue";
    return this.vm.callback(() => {
      const result = this.vm.call(this, callback, this.id, ...args);
      if (this.vm.failed) return this.#failedAnswer();
      return result === 0 ? "continue" : "stop";
    });
  }

  #failedAnswer(): "continue" | "stop" {
    if (!this.#failedOnce) {
      this.#failedOnce = true;
      this.connection.close("local");
    }
    return "stop";
  }

  override readableMap(type: number): HeaderMap | null {
    return this.#root.readableMap(type);
  }

  override findBuffer(type: number): ReadableBuffer | null {
    const empty = constantBuffer(Buffer.alloc(0));
    if (type === 2) return this.#read ? bodyBuffer(this.#read) : empty;
    if (type === 3) return this.#written ? bodyBuffer(this.#written) : empty;
    if (type < 2) return empty;
    return type === 7 ? null : this.#root.findBuffer(type);
  }

  override continueStream(type: number): number {
    if (type === 2) this.vm.afterCallback(() => this.connection.continueReading(this.index));
    return type === 3 ? Status.Unimplemented : Status.Ok;
  }

  override closeStream(type: number): number {
    if (type === 2 || type === 3) this.vm.afterCallback(() => this.connection.close("local"));
    return Status.Ok;
  }
}
