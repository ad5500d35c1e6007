import { arrive, asRead, unsendable } from "./arrival.ts";
import { type ByteString, bodyBytes, isAsync, piecesOf, textOf } from "./bytes.ts";
import { HeaderMap } from "./header-map.ts";
import type { Host } from "./host.ts";
import type { Answer } from "./http-calls.ts";
import { HttpStream, type StreamEnds } from "./http-stream.ts";
import type { Pairs } from "./pairs.ts";
import type { Plugin } from "./plugin-handle.ts";
import { gap, HostRefusal } from "./refusal.ts";
import type { Route } from "./routes.ts";
import { type ConnectionInfo, StreamInfo } from "./stream-info.ts";
import {
  BROKEN,
  type ClusterHandler,
  CONNECTION_REFUSED,
  echo,
  type Reaction,
  type Upstream,
  type UpstreamRequest,
  upstreamRequest,
} from "./upstream.ts";
import type { Given } from "./value.ts";

/** How a request meets the filters, and what answers it. */
export interface StreamOptions {
  /** The chain, in the order of the request; all plugins of the host by default, as they were made. */
  plugins?: readonly Plugin[];
  /** Answers the request: a function (an echo by default), or the test step by step ("manual"). */
  upstream?: Upstream | "manual";
  /** Instead of one upstream: where requests go, to clusters of the host. */
  routes?: readonly Route[];
  listener?: string;
  direction?: "inbound" | "outbound";
  connection?: Partial<ConnectionInfo>;
  /** Attributes by their path, e.g. `{ "connection.requested_server_name": "shop" }`; they come before what the emulator knows. */
  attributes?: Readonly<Record<string, Given>>;
  /** Bytes that filters may buffer; 1 MiB by default, as Envoy's per_connection_buffer_limit_bytes. */
  bufferLimit?: number;
  /** The client speaks HTTP/2 instead of HTTP/1.1. */
  http2?: boolean;
  /** How long the upstream may take for a whole response, once it has the whole request; without end when absent. */
  routeTimeoutMs?: number;
}

/** A whole request. */
export interface RequestOptions extends StreamOptions {
  method?: string;
  path?: string;
  /** Repeated names allowed; values are latin1. */
  headers?: Pairs;
  /** In one piece, or in the pieces in which it arrives. */
  body?: string | Uint8Array | readonly (string | Uint8Array)[];
  trailers?: Pairs;
}

/** What the client got. */
export interface Received {
  status: number;
  headers: [ByteString, ByteString][];
  body: Buffer;
  trailers: [ByteString, ByteString][];
}

/** Some of Envoy's response flags. */
const UPSTREAM_REQUEST_TIMEOUT = 0x4n;
const DOWNSTREAM_CONNECTION_TERMINATION = 0x4000n;
const DOWNSTREAM_PROTOCOL_ERROR = 0x40000n;
const UPSTREAM_BROKEN = { reset: 0x40n, refused: 0x20n } as const;

/** Hop-by-hop headers, which Envoy takes out of responses. */
const RESPONSE_HOP = ["connection", "keep-alive", "proxy-connection", "transfer-encoding"];

/** One request and its response, step by step or at once. */
export class Exchange {
  readonly host: Host;
  readonly stream: HttpStream;
  /** The stream is over: answered, or reset. */
  done = false;
  /** The client got no whole response; its connection was closed. */
  reset = false;
  #upstreamHeaders: HeaderMap | null = null;
  #upstreamBody: Buffer[] = [];
  #upstreamTrailers: HeaderMap | null = null;
  #upstreamComplete = false;
  #answered = false;
  #route: Route | null = null;
  #received: Received | null = null;
  /** Why the codec does not send the request. */
  #unsendable: string | null = null;
  /** The client asked for its connection to be closed. */
  #closes = false;
  readonly #handler: ClusterHandler | undefined;
  readonly #http2: boolean;
  readonly #routeTimeoutMs: number | undefined;
  #stopTimeout: () => void = () => {};

  constructor(host: Host, options: StreamOptions) {
    this.host = host;
    this.#handler = options.upstream ?? echo;
    const info = new StreamInfo({
      connection: { ...host.nextConnection(), ...options.connection },
      startTime: host.clock.now,
      direction: options.direction ?? "inbound",
      listener: options.listener ?? "listener",
      given: options.attributes,
      connectionState: host.connectionState(options.connection?.id),
    });
    this.#http2 = options.http2 ?? false;
    this.#routeTimeoutMs = options.routeTimeoutMs;
    info.protocol = this.#http2 ? "HTTP/2" : "HTTP/1.1";
    this.stream = new HttpStream({
      host,
      plugins: options.plugins ?? host.plugins,
      routes: options.routes ?? [{ cluster: "" }],
      info,
      ends: this.#ends(),
      limit: options.bufferLimit ?? host.bufferLimit,
    });
    host.opened(this);
  }

  // The request ------------------------------------------------------------------------------------------------------

  /** Request headers arrive. Pseudo-headers come from `method` and `path`, `:authority` from a host header. */
  sendHeaders(request: Pick<RequestOptions, "method" | "path" | "headers"> = {}, endStream = false): this {
    const given = request.headers ?? [];
    if (request.path?.includes("#")) throw gap("request paths with a fragment, which Envoy answers with 400");
    const authority = given.find(([name]) => /^(host|:authority)$/i.test(name))?.[1] ?? "127.0.0.1";
    const headers = new HeaderMap("request", [
      [":authority", authority],
      [":path", request.path ?? "/"],
      [":method", request.method ?? "GET"],
      [":scheme", "http"],
      ...asRead(given.filter(([name]) => !/^(host|:authority)$/i.test(name))),
    ]);
    const { closes, rejection } = arrive(headers, this.host.envoy);
    this.#closes = closes || (rejection?.closes ?? false);
    if (rejection) this.stream.reject(headers, rejection);
    else this.stream.receiveHeaders(headers, endStream);
    this.host.settle();
    return this;
  }

  sendData(data: string | Uint8Array, endStream = false): this {
    this.stream.receiveData(bodyBytes(data), endStream);
    this.host.settle();
    return this;
  }

  sendTrailers(trailers: Pairs): this {
    this.stream.receiveTrailers(new HeaderMap("trailers", trailers));
    this.host.settle();
    return this;
  }

  /** The client goes away. */
  disconnect(): this {
    this.stream.info.responseFlags |= DOWNSTREAM_CONNECTION_TERMINATION;
    this.stream.info.responseCodeDetails ??= "downstream_remote_disconnect";
    this.stream.reset();
    this.host.settle();
    return this;
  }

  // The upstream -----------------------------------------------------------------------------------------------------

  /** The request as the upstream has it by now; null when no headers have reached it. */
  get upstream(): (UpstreamRequest & { trailers: Pairs }) | null {
    if (!this.#upstreamHeaders) return null;
    const sent = Buffer.concat(this.#upstreamBody);
    // What is more than content-length promises is no part of the request.
    const body = sent.subarray(0, sent.length + Math.min(this.#missingBytes(), 0));
    return upstreamRequest(this.#upstreamHeaders, body, this.#upstreamTrailers?.pairs() ?? [], this.#asksWithHttp2);
  }

  /** Whether the whole request has reached the upstream. */
  get upstreamComplete(): boolean {
    return this.#upstreamComplete;
  }

  /** The upstream's response at once, for `upstream: "manual"`. */
  respond(answer: Answer = {}): this {
    this.#answered = true;
    const status = answer.status ?? 200;
    // Neither of these has a body, whatever the server says of its length.
    const bare = this.#isHead || status === 204 || status === 304;
    if (isAsync(answer.body) && !bare) {
      this.respondHeaders(status, answer.headers ?? []);
      void this.#respondInTime(answer.body, answer);
      return this;
    }
    const pieces = bare || isAsync(answer.body) ? [] : piecesOf(answer.body);
    const trailers = bare ? undefined : answer.trailers;
    const chunked =
      !bare && (answer.thenReset || answer.headers?.some(([name, value]) => /^transfer-encoding$/i.test(name) && /chunked/i.test(value)));
    this.respondHeaders(status, answer.headers ?? [], pieces.length === 0 && !trailers && !chunked);
    for (const piece of pieces) this.respondData(piece);
    if (answer.thenReset) this.#breakOff();
    else if (trailers) this.respondTrailers(trailers);
    // The end of an HTTP/1 body comes by itself, without bytes.
    else if (pieces.length > 0 || chunked) this.respondData("", true);
    return this;
  }

  async #respondInTime(body: AsyncIterable<string | Uint8Array>, { trailers, thenReset }: Answer): Promise<void> {
    for await (const piece of body) if (piece.length > 0) this.respondData(piece);
    if (thenReset) this.#breakOff();
    else if (trailers) this.respondTrailers(trailers);
    else this.respondData("", true);
  }

  respondHeaders(status: number, pairs: Pairs, endStream = false): this {
    const headers = new HeaderMap("response", [[":status", String(status)], ...asRead(pairs)]);
    if (!this.host.envoy.showsKeepAlive) headers.remove("keep-alive");
    headers.replace("x-envoy-upstream-service-time", "0");
    if (endStream) this.#upstreamEnded();
    this.stream.respondHeaders(headers, endStream);
    this.host.settle();
    return this;
  }

  respondData(data: string | Uint8Array, endStream = false): this {
    if (endStream) this.#upstreamEnded();
    this.stream.respondData(bodyBytes(data), endStream);
    this.host.settle();
    return this;
  }

  respondTrailers(trailers: Pairs): this {
    this.#upstreamEnded();
    this.stream.respondTrailers(new HeaderMap("trailers", trailers));
    this.host.settle();
    return this;
  }

  #upstreamEnded(): void {
    this.#stopTimeout();
    this.stream.info.backendLatency = this.host.clock.now - this.stream.info.startTime;
  }

  // The response -----------------------------------------------------------------------------------------------------

  /** What the client has got so far; null before the headers. */
  get received(): Received | null {
    return this.#received;
  }

  /** The response; an error that says what it waits for while there is none. */
  get response(): Received {
    if (this.#received && this.done && !this.reset) return this.#received;
    if (this.reset) throw new HostRefusal("usage", "host: there is no response: the stream was reset; look at .reset before");
    throw new HostRefusal("usage", `host: there is no response yet: ${this.waitsFor}`);
  }

  get status(): number {
    return this.response.status;
  }

  get headers(): [ByteString, ByteString][] {
    return this.response.headers;
  }

  /** The first value of a response header; null when there is none. */
  header(name: string): string | null {
    return this.headers.find(([key]) => key === name.toLowerCase())?.[1] ?? null;
  }

  /** The response's body as text. */
  get body(): string {
    return this.response.body.toString();
  }

  json<T = unknown>(): T {
    return JSON.parse(this.body) as T;
  }

  /** Filter state, by key: `wasm.span.attributes.user.id`. */
  get filterState(): Record<string, string> {
    return this.stream.info.filterState.entries;
  }

  /** Span attributes that filters set: filter state `wasm.span.attributes.<name>`, by name. */
  get spanAttributes(): Record<string, string> {
    const prefix = "wasm.span.attributes.";
    const own = Object.entries(this.filterState).filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(own.map(([key, value]) => [textOf(key.slice(prefix.length)), value]));
  }

  /** Why the exchange is not done, for a message. */
  get waitsFor(): string {
    const stopped = this.stream.stoppedBy;
    if (stopped.length > 0) return `stopped by ${stopped.join(", ")}; answer its call, or move the clock`;
    if (this.#missingBytes() > 0 && this.stream.requestComplete) {
      return `the upstream waits for ${this.#missingBytes()} bytes that content-length promises; a filter that shortens a body removes it`;
    }
    if (!this.#upstreamComplete) return "the request is not complete; send its end";
    return "the upstream has not answered; call respond()";
  }

  // Between ----------------------------------------------------------------------------------------------------------

  #ends(): StreamEnds {
    return {
      upstreamHeaders: (headers, route, endStream) => {
        if (this.#upstreamHeaders) throw gap("continue_stream in a callback that then returns Continue: Envoy sends the request twice");
        this.#route = route;
        // The router's own headers.
        headers.replace("x-envoy-expected-rq-timeout-ms", "15000");
        this.#unsendable = unsendable(headers);
        this.#upstreamHeaders = headers.clone();
        // HTTP/1 has to say where a message ends.
        if (!endStream && !headers.has("content-length") && !this.#asksWithHttp2) this.#upstreamHeaders.add("transfer-encoding", "chunked");
        this.stream.info.upstreamBegun = true;
        this.stream.info.upstream = { cluster: route.cluster ?? "", address: "127.0.0.1:80" };
        if (endStream) this.#upstreamEnd();
      },
      upstreamData: (data, endStream) => {
        if (data.length > 0) this.#upstreamBody.push(data);
        if (endStream) this.#upstreamEnd();
      },
      upstreamTrailers: trailers => {
        // HTTP/1 has trailers only behind chunks.
        if (this.#asksWithHttp2 || this.#upstreamHeaders?.get("transfer-encoding") === "chunked") this.#upstreamTrailers = trailers.clone();
        this.#upstreamEnd();
      },
      downstreamHeaders: (headers, endStream) => {
        for (const name of RESPONSE_HOP) headers.remove(name);
        if (!headers.has("date")) headers.add("date", new Date(Number(this.host.clock.now / 1_000_000n)).toUTCString());
        headers.replace("server", "envoy");
        if (this.#closes && !this.#http2) headers.set("connection", "close");
        const plain = asRead(headers.pairs()).filter(([name]) => !name.startsWith(":"));
        // HTTP/1 has to say where a message ends.
        const status = Number(headers.get(":status"));
        if (!this.#http2 && status !== 204 && status !== 304 && !headers.has("content-length")) {
          plain.push(endStream && !this.#isHead ? ["content-length", "0"] : ["transfer-encoding", "chunked"]);
        }
        this.#received = { status: Number(headers.get(":status")), headers: plain, body: Buffer.alloc(0), trailers: [] };
      },
      downstreamData: data => {
        if (this.#received && data.length > 0) this.#received.body = Buffer.concat([this.#received.body, data]);
      },
      downstreamTrailers: trailers => {
        if (this.#received && (this.#http2 || !this.#received.headers.some(([name]) => name === "content-length")))
          this.#received.trailers = trailers.pairs();
      },
      over: reset => {
        this.#stopTimeout();
        this.done = true;
        this.reset = reset;
        if (!reset) this.host.strict.lengths(this.#upstreamHeaders ? this.#missingBytes() : 0, this.responseLacks);
        this.host.ended(this);
      },
    };
  }

  /** Whether the upstream speaks HTTP/2. */
  get #asksWithHttp2(): boolean {
    return this.host.http2Clusters.has(this.#route?.cluster ?? "");
  }

  get #isHead(): boolean {
    return this.stream.requestHeaders?.get(":method") === "HEAD";
  }

  #upstreamEnd(): void {
    const missing = this.#missingBytes();
    if (missing > 0) return;
    this.#upstreamComplete = true;
    if (this.#routeTimeoutMs !== undefined) this.#stopTimeout = this.host.clock.after(this.#routeTimeoutMs, () => this.#timedOut());
    const handler = this.#route?.cluster ? this.host.clusters.get(this.#route.cluster) : this.#handler;
    if (this.#unsendable !== null) this.host.post(() => this.#refuseToSend());
    else if (!this.#answered && handler !== "manual") this.host.post(() => this.#answer(handler));
  }

  /** How many bytes less than its content-length promises the upstream has: it waits for them. Below 0 it has more. */
  #missingBytes(): number {
    return missing(this.#upstreamHeaders?.get("content-length"), Buffer.concat(this.#upstreamBody));
  }

  /** How many bytes less than its content-length promises the response has; below 0 it has more. */
  get responseLacks(): number {
    const { status = 0, headers = [], body = Buffer.alloc(0) } = this.#received ?? {};
    if (this.#isHead || status === 204 || status === 304) return 0;
    return missing(headers.find(([name]) => name === "content-length")?.[1], body);
  }

  #refuseToSend(): void {
    const problem = this.#unsendable ?? "";
    if (this.stream.finished || this.#answered) return;
    this.#answered = true;
    this.#upstreamHeaders = null;
    this.stream.info.responseFlags |= DOWNSTREAM_PROTOCOL_ERROR;
    this.#reply(problem, `filter_removed_required_request_headers{${problem.replaceAll(" ", "_")}}`);
  }

  /** The upstream's connection breaks behind what it has sent. */
  #breakOff(): void {
    if (this.stream.finished) return;
    const { info } = this.stream;
    info.responseFlags |= UPSTREAM_BROKEN.reset;
    info.responseCodeDetails = "upstream_reset_after_response_started{connection_termination}";
    this.stream.reset();
    this.host.settle();
  }

  #timedOut(): void {
    if (this.stream.finished) return;
    this.#answered = true;
    this.stream.info.responseFlags |= UPSTREAM_REQUEST_TIMEOUT;
    this.#reply("upstream request timeout", "response_timeout", 504);
  }

  #reply(body: string, details: string, status = 503): void {
    this.stream.sendLocalReply({ status, body, headers: [], grpcStatus: -1 >>> 0, details });
    this.host.settle();
  }

  #answer(handler: ClusterHandler | undefined): void {
    if (this.stream.finished || this.#answered || !this.upstream) return;
    const http = typeof handler === "function" ? handler : handler === "manual" ? undefined : handler?.http;
    if (!http) {
      const cluster = this.#route?.cluster ?? "";
      throw new HostRefusal(
        "usage",
        `host: cluster "${cluster}" does not answer HTTP; give the host clusters: { "${cluster}": request => … }`,
      );
    }
    const answer = http(this.upstream) ?? {};
    if (this.#missingBytes() < 0) {
      // The server takes the rest for another request, which it is not, and says so before it has answered this one.
      this.#answered = true;
      this.respondHeaders(400, []).respondData("", true);
    } else if (answer instanceof Promise) void answer.then(each => this.#take(each ?? {}));
    else this.#take(answer);
  }

  #take(answer: Reaction): void {
    if (this.stream.finished || this.#answered || answer === "never") return;
    if (typeof answer === "string") {
      this.#answered = true;
      const { info } = this.stream;
      info.responseFlags |= UPSTREAM_BROKEN[answer];
      let reason = "connection_termination";
      if (answer === "refused") {
        this.#upstreamHeaders = null;
        info.transportFailureReason = CONNECTION_REFUSED;
        reason = `remote_connection_failure|${CONNECTION_REFUSED.replaceAll(" ", "_")}`;
      }
      const detail = answer === "refused" ? this.host.envoy.refusedDetail : "";
      this.#reply(BROKEN[answer] + detail, `upstream_reset_before_response_started{${reason}}`);
    } else if (answer.delayMs) this.host.clock.after(answer.delayMs, () => this.stream.finished || this.respond(answer));
    else this.respond(answer);
  }
}

function missing(contentLength: string | undefined, body: Uint8Array): number {
  return contentLength !== undefined && /^\d+$/.test(contentLength) ? Number(contentLength) - body.length : 0;
}
