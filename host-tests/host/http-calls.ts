import type { ByteString } from "./bytes.ts";
import { isAsync, piecesOf } from "./bytes.ts";
import { HeaderMap } from "./header-map.ts";
import type { Pairs } from "./pairs.ts";
import type { PluginContext } from "./plugin-context.ts";
import { HostRefusal } from "./refusal.ts";
import { Status } from "./status.ts";

/** What answers a call, or a request: absent parts are 200, no headers, no body. */
export interface Answer {
  status?: number;
  headers?: Pairs;
  /** In one piece, or in the pieces in which it arrives; asynchronous ones, of a response, arrive one by one. */
  body?: string | Uint8Array | readonly (string | Uint8Array)[] | AsyncIterable<string | Uint8Array>;
  trailers?: Pairs;
  /** By the host's clock. */
  delayMs?: number;
  /** Behind the body, instead of its end, the connection breaks. */
  thenReset?: boolean;
}

interface Received {
  headers: HeaderMap;
  body: Buffer;
  trailers: HeaderMap | null;
}

/** A call that a filter made with `proxy_http_call`. */
export class HttpCall {
  readonly cluster: string;
  readonly headers: HeaderMap;
  readonly body: Buffer;
  readonly trailers: Pairs;
  readonly timeoutMs: number;
  readonly token: number;
  /** "pending" until it is answered, failed, timed out or cancelled. */
  state: "pending" | "answered" | "failed" | "cancelled" = "pending";
  readonly #calls: HttpCalls;
  #stopTimeout: () => void = () => {};

  constructor(calls: HttpCalls, token: number, request: Pick<HttpCall, "cluster" | "headers" | "body" | "trailers" | "timeoutMs">) {
    this.#calls = calls;
    this.token = token;
    this.cluster = request.cluster;
    this.headers = request.headers;
    this.body = request.body;
    this.trailers = request.trailers;
    this.timeoutMs = request.timeoutMs;
    if (this.timeoutMs > 0) {
      this.#stopTimeout = calls.host.clock.after(this.timeoutMs, () => {
        // Envoy answers a timeout by itself, as a router would.
        if (this.state === "pending") this.answerFromRouter(504, "upstream request timeout");
      });
    }
  }

  get method(): ByteString {
    return this.headers.get(":method") ?? "";
  }

  get path(): ByteString {
    return this.headers.get(":path") ?? "";
  }

  /** Answers the call; the filter is called at once, after a callback that is under way. */
  respond(answer: Answer = {}): void {
    if (isAsync(answer.body)) {
      throw new HostRefusal(
        "usage",
        "host: an asynchronous body answers requests; the answer of a call reaches the filter whole, so give it whole",
      );
    }
    if (answer.thenReset) {
      this.fail();
      return;
    }
    this.#finish("answered");
    const body = Buffer.concat(piecesOf(answer.body));
    const headers = new HeaderMap("response", [[":status", String(answer.status ?? 200)], ...(answer.headers ?? [])]);
    if (!this.#calls.host.envoy.showsKeepAlive) headers.remove("keep-alive");
    headers.set("x-envoy-upstream-service-time", "0");
    const trailers = answer.trailers ? new HeaderMap("trailers", answer.trailers) : null;
    this.#calls.deliver(this, { headers, body, trailers });
  }

  /** What Envoy's router answers in place of an upstream: the filter can't tell it from an answer. */
  answerFromRouter(status: number, body: string): void {
    this.#finish("answered");
    const headers = new HeaderMap("response", [
      [":status", String(status)],
      ["content-length", String(body.length)],
      ["content-type", "text/plain"],
    ]);
    this.#calls.deliver(this, { headers, body: Buffer.from(body), trailers: null });
  }

  /** Lets the call fail as when the connection breaks: the filter gets no headers, and `proxy_get_status` says so. */
  fail(): void {
    this.#finish("failed");
    this.#calls.deliver(this, null);
  }

  cancel(): void {
    if (this.state === "pending") this.#finish("cancelled");
  }

  #finish(state: "answered" | "failed" | "cancelled"): void {
    if (this.state !== "pending") {
      throw new HostRefusal("usage", `host: the call to ${this.cluster}${this.path} is ${this.state} already; answer a call once`);
    }
    this.state = state;
    this.#stopTimeout();
  }
}

/** The HTTP calls of one plugin context. */
export class HttpCalls {
  readonly context: PluginContext;
  /** The answer that is being delivered. */
  answer: Received | null = null;
  readonly #pending = new Map<number, HttpCall>();

  constructor(context: PluginContext) {
    this.context = context;
  }

  get host() {
    return this.context.vm.host;
  }

  get pending(): HttpCall[] {
    return [...this.#pending.values()];
  }

  /** Status and token. */
  send(cluster: string, pairs: Pairs, body: Buffer, trailers: Pairs, timeoutMs: number): [status: number, token: number] {
    if (timeoutMs < 0 || !this.host.clusters.has(cluster)) return [Status.BadArgument, 0];
    const headers = new HeaderMap("request", pairs);
    if (!headers.has(":path") || !headers.has(":method") || !headers.has(":authority")) return [Status.BadArgument, 0];
    if (body.length > 0) headers.set("content-length", String(body.length));
    headers.set("x-envoy-internal", "true");
    if (timeoutMs > 0) headers.set("x-envoy-expected-rq-timeout-ms", String(timeoutMs));
    const token = this.context.vm.nextCallId("http");
    const call = new HttpCall(this, token, { cluster, headers, body, trailers, timeoutMs });
    this.#pending.set(token, call);
    this.host.httpCallMade(call);
    return [Status.Ok, token];
  }

  deliver(call: HttpCall, answer: Received | null): void {
    const { vm } = this.context;
    if (vm.current !== null) {
      vm.afterCallback(() => this.deliver(call, answer));
      return;
    }
    if (!this.#pending.has(call.token)) return;
    const { context } = this;
    if (answer) this.answer = answer;
    else context.status = { code: Status.BrokenConnection, message: "reset" };
    vm.afterCallback(() => {
      this.answer = null;
      if (!answer) context.status.message = "";
      this.#pending.delete(call.token);
    });
    if (answer) {
      context.answered("proxy_on_http_call_response", call.token, answer.headers.size, answer.body.length, answer.trailers?.size ?? 0);
    } else context.answered("proxy_on_http_call_response", call.token, 0, 0, 0);
    vm.runActions();
    this.host.settle();
  }

  cancelAll(): void {
    for (const call of this.#pending.values()) call.cancel();
    this.#pending.clear();
  }
}
