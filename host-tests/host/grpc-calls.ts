import { MutableBody } from "./body.ts";
import { bodyBytes } from "./bytes.ts";
import { HeaderMap } from "./header-map.ts";
import type { Pairs } from "./pairs.ts";
import type { PluginContext } from "./plugin-context.ts";
import { HostRefusal } from "./refusal.ts";
import { Status } from "./status.ts";

/** Whom a call asks. */
export interface GrpcTarget {
  readonly cluster: string;
  readonly authority: string;
  /** What Envoy answers when it has no such cluster. */
  readonly unknown: number;
}

/** A gRPC call (one message each way) or stream that a filter opened. The test plays the server. */
export class GrpcCall {
  readonly kind: "call" | "stream";
  readonly cluster: string;
  /** The cluster's name, where the filter says nothing else. */
  readonly authority: string;
  readonly service: string;
  readonly method: string;
  /** What the filter sent along as initial metadata. */
  readonly metadata: HeaderMap;
  /** Messages that the filter has sent so far; of a call: the one. */
  readonly messages: Buffer[] = [];
  readonly timeoutMs: number;
  readonly token: number;
  /** Hears the messages that the filter sends from now on, for a cluster's function that plays the server of a stream. */
  onMessage: ((message: Buffer) => void) | null = null;
  /** Hears when the filter sends no more, or cancels. */
  onEnd: ((how: "end" | "reset") => void) | null = null;
  state: "open" | "closed" | "cancelled" = "open";
  /** Whether the filter has said that it sends no more. */
  localClosed = false;
  remoteClosed = false;
  readonly #calls: GrpcCalls;
  #stopTimeout: () => void = () => {};

  constructor(
    calls: GrpcCalls,
    token: number,
    request: Pick<GrpcCall, "kind" | "cluster" | "authority" | "service" | "method" | "metadata" | "timeoutMs">,
  ) {
    this.#calls = calls;
    this.token = token;
    this.kind = request.kind;
    this.cluster = request.cluster;
    this.authority = request.authority;
    this.service = request.service;
    this.method = request.method;
    this.metadata = request.metadata;
    this.timeoutMs = request.timeoutMs;
    if (this.timeoutMs > 0) {
      // The router's 504, mapped to gRPC: UNAVAILABLE.
      this.#stopTimeout = calls.host.clock.after(
        this.timeoutMs,
        () => this.state === "open" && this.close(14, "upstream request timeout", "response_timeout"),
      );
    }
  }

  /** The server's initial metadata. */
  initialMetadata(pairs: Pairs): void {
    this.#check("initialMetadata");
    // Envoy hands the metadata of a unary call to nobody.
    if (this.kind === "stream") this.#calls.deliverMetadata(this, "initial", new HeaderMap("response", pairs));
  }

  /** A message of the server. The one of a call ends it. */
  message(message: string | Uint8Array): void {
    this.#check("message");
    if (this.kind === "call") this.#end("closed");
    this.#calls.deliverMessage(this, bodyBytes(message));
  }

  trailingMetadata(pairs: Pairs): void {
    this.#check("trailingMetadata");
    if (this.kind === "stream") this.#calls.deliverMetadata(this, "trailing", new HeaderMap("trailers", pairs));
  }

  /** Ends it with a gRPC status; of a call: lets it fail. `details` is where the status comes from, which Envoy puts behind the message. */
  close(status: number, message = "", details = "via_upstream"): void {
    this.#check("close");
    this.remoteClosed = true;
    this.#end("closed");
    if (this.kind === "call" && status === 0) {
      // An answer is a message; OK without one is none.
      this.#calls.deliverClose(this, 13, "");
      return;
    }
    this.#calls.deliverClose(this, status, message === "" ? details : `${message}{${details}}`);
  }

  cancel(): void {
    if (this.state !== "open") return;
    this.#end("cancelled");
    this.onEnd?.("reset");
  }

  /** Does something later, by the host's clock. */
  after(milliseconds: number, run: () => void): void {
    this.#calls.host.clock.after(milliseconds, run);
  }

  #end(state: "closed" | "cancelled"): void {
    this.state = state;
    this.#stopTimeout();
  }

  #check(what: string): void {
    if (this.state === "open") return;
    throw new HostRefusal("usage", `host: ${what} on the ${this.kind} ${this.service}/${this.method}, which is ${this.state}`);
  }
}

/** The gRPC calls and streams of one plugin context. */
export class GrpcCalls {
  readonly context: PluginContext;
  initialMetadata: HeaderMap | null = null;
  trailingMetadata: HeaderMap | null = null;
  message: MutableBody | null = null;
  readonly #open = new Map<number, GrpcCall>();

  constructor(context: PluginContext) {
    this.context = context;
  }

  get host() {
    return this.context.vm.host;
  }

  get open(): GrpcCall[] {
    return [...this.#open.values()].filter(call => call.state === "open");
  }

  start(
    kind: "call" | "stream",
    target: GrpcTarget,
    names: { service: string; method: string },
    metadata: Pairs,
    message: Buffer | null,
    timeoutMs: number,
  ): [status: number, token: number] {
    const { cluster, authority, unknown } = target;
    if (!this.host.clusters.has(cluster)) return [unknown, 0];
    const token = this.context.vm.nextCallId(kind === "call" ? "grpc" : "grpcStream");
    const call = new GrpcCall(this, token, { kind, cluster, authority, ...names, metadata: new HeaderMap("request", metadata), timeoutMs });
    if (message) call.messages.push(message);
    this.#open.set(token, call);
    this.host.grpcCallMade(call);
    return [Status.Ok, token];
  }

  send(token: number, message: Buffer, endStream: boolean): number {
    if ((token & 3) !== 2) return Status.BadArgument;
    const call = this.#open.get(token);
    if (!call) return Status.NotFound;
    if (call.state === "open") {
      call.messages.push(message);
      this.host.grpcMessageSent(call, message);
      if (endStream) this.#closeHere(call);
    }
    return Status.Ok;
  }

  close(token: number): number {
    return this.#drop(token, call => {
      if (call.kind === "call") {
        call.cancel();
        return true;
      }
      this.#closeHere(call);
      return call.remoteClosed;
    });
  }

  cancel(token: number): number {
    return this.#drop(token, call => {
      call.cancel();
      return true;
    });
  }

  deliverMetadata(call: GrpcCall, which: "initial" | "trailing", map: HeaderMap): void {
    if (!this.#open.has(call.token)) return;
    if (which === "initial") this.initialMetadata = map;
    else this.trailingMetadata = map;
    const callback = which === "initial" ? "proxy_on_grpc_receive_initial_metadata" : "proxy_on_grpc_receive_trailing_metadata";
    this.context.answered(callback, call.token, map.size);
    this.initialMetadata = null;
    this.trailingMetadata = null;
    this.host.settle();
  }

  deliverMessage(call: GrpcCall, message: Buffer): void {
    if (!this.#open.has(call.token)) return;
    const { vm } = this.context;
    this.message = new MutableBody(message);
    vm.afterCallback(() => {
      this.message = null;
      if (call.kind === "call") this.#open.delete(call.token);
    });
    this.context.answered("proxy_on_grpc_receive", call.token, message.length);
    vm.runActions();
    this.host.settle();
  }

  deliverClose(call: GrpcCall, status: number, message: string): void {
    const { vm } = this.context;
    if (vm.current !== null) {
      vm.afterCallback(() => this.deliverClose(call, status, message));
      return;
    }
    if (!this.#open.has(call.token)) return;
    this.context.status = { code: status, message };
    vm.afterCallback(() => {
      this.context.status.message = "";
      if (call.kind === "call" || call.localClosed) this.#open.delete(call.token);
    });
    this.context.answered("proxy_on_grpc_close", call.token, status);
    vm.runActions();
    this.host.settle();
  }

  cancelAll(): void {
    for (const call of this.#open.values()) call.cancel();
    this.#open.clear();
  }

  #closeHere(call: GrpcCall): void {
    call.localClosed = true;
    this.host.post(() => call.onEnd?.("end"));
  }

  #drop(token: number, end: (call: GrpcCall) => boolean): number {
    if ((token & 3) !== 1 && (token & 3) !== 2) return Status.BadArgument;
    const call = this.#open.get(token);
    if (!call) return Status.NotFound;
    if (end(call)) this.#open.delete(token);
    return Status.Ok;
  }
}
