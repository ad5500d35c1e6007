import type { MutableBody } from "./body.ts";
import { bodyBuffer, Context, constantBuffer, type LocalResponse, type ReadableBuffer } from "./context.ts";
import type { HeaderMap } from "./header-map.ts";
import type { HttpStream } from "./http-stream.ts";
import type { PluginContext } from "./plugin-context.ts";
import { Status } from "./status.ts";
import type { StreamInfo } from "./stream-info.ts";

/** What the filter manager understands of the answers of headers callbacks. */
export type HeadersStatus = "continue" | "stop" | "stop-all-buffer" | "stop-all-watermark";
/** … of body callbacks. */
export type DataStatus = "continue" | "stop-buffer" | "stop-watermark" | "stop-no-buffer";
/** … and of trailers callbacks. */
export type TrailersStatus = "continue" | "stop";

const HEADERS: readonly HeadersStatus[] = ["continue", "stop", "continue", "stop-all-buffer", "stop-all-watermark"];
const DATA: readonly DataStatus[] = ["continue", "stop-buffer", "stop-watermark", "stop-no-buffer"];

const REQUEST_HEADERS = 0;
const REQUEST_TRAILERS = 1;
const RESPONSE_HEADERS = 2;
const RESPONSE_TRAILERS = 3;

/** One direction of a stream as its filter sees it at the moment. */
interface Side {
  headers: HeaderMap | null;
  /** The chunk under way. */
  chunk: MutableBody | null;
  trailers: HeaderMap | null;
  /** The filter has asked to buffer: what it reads is all that came so far. */
  buffering: boolean;
}

const emptySide = (): Side => ({ headers: null, chunk: null, trailers: null, buffering: false });

/** The stream context of one plugin: what Envoy's Wasm filter does between the filter chain and the module. */
export class HttpFilter extends Context {
  readonly stream: HttpStream;
  /** Which of the stream's filters it is. */
  readonly index: number;
  readonly request = emptySide();
  readonly response = emptySide();
  readonly #root: PluginContext;
  #endOfStream = false;
  #destroyed = false;
  #streamFailed = false;
  #failureReplySent = false;
  #logging = false;

  constructor(stream: HttpStream, index: number, root: PluginContext) {
    super(root.vm, root.vm.allocateContextId(), root.settings);
    this.stream = stream;
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
    return this.stream.info;
  }

  override get mutableInfo(): StreamInfo {
    return this.stream.info;
  }

  override get inLogPhase(): boolean {
    return this.#logging;
  }

  // From the filter chain --------------------------------------------------------------------------------------------

  decodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    this.#create();
    const status = this.#headers("proxy_on_request_headers", this.request, headers, endStream);
    return status;
  }

  decodeData(chunk: MutableBody, endStream: boolean): DataStatus {
    if (!this.created) return "continue";
    if (this.request.buffering) {
      this.stream.addDecodedData(this.index, chunk);
      if (this.#destroyed) return "stop-buffer";
    }
    return this.#data("proxy_on_request_body", this.request, 0, chunk, endStream);
  }

  decodeTrailers(trailers: HeaderMap): TrailersStatus {
    if (!this.created) return "continue";
    return this.#trailers("proxy_on_request_trailers", this.request, trailers);
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    if (!this.created || this.#failureReplySent) return "continue";
    return this.#headers("proxy_on_response_headers", this.response, headers, endStream);
  }

  encodeData(chunk: MutableBody, endStream: boolean): DataStatus {
    if (!this.created || this.#failureReplySent) return "continue";
    if (this.response.buffering) {
      this.stream.addEncodedData(this.index, chunk);
      if (this.#destroyed) return "stop-buffer";
    }
    return this.#data("proxy_on_response_body", this.response, 1, chunk, endStream);
  }

  encodeTrailers(trailers: HeaderMap): TrailersStatus {
    if (!this.created || this.#failureReplySent) return "continue";
    return this.#trailers("proxy_on_response_trailers", this.response, trailers);
  }

  /** The stream has ended; headers can be read once more. */
  onLog(): void {
    if (!this.created) this.#create();
    this.#logging = true;
    this.run("proxy_on_log", 0);
    this.#logging = false;
  }

  /** The filter chain is taken down. */
  destroy(): void {
    if (!this.#destroyed && this.created) {
      this.#destroyed = true;
      this.onDone();
      this.onDelete();
    }
    this.vm.forget(this);
    this.vm.host.release(this.#root);
  }

  // To the module ----------------------------------------------------------------------------------------------------

  #create(): void {
    if (!this.created && !this.vm.failed && this.vm.exports("proxy_on_context_create")) {
      this.vm.callback(() => this.vm.call(this, "proxy_on_context_create", this.id, this.#root.id));
    }
    this.created = true;
  }

  #headers(callback: string, side: Side, headers: HeaderMap, endStream: boolean): HeadersStatus {
    side.headers = headers;
    this.#endOfStream = endStream;
    const answer = this.#guarded(callback, "stop-all-watermark", [headers.size, endStream ? 1 : 0], (result): HeadersStatus => {
      if (this.vm.stopIteration || result > 4) return "stop-all-watermark";
      if (result === 1 && !this.settings.allowOnHeadersStopIteration) return "stop-all-watermark";
      return HEADERS[result] ?? "continue";
    });
    if (answer === "continue") side.headers = null;
    return answer;
  }

  #data(callback: string, side: Side, bufferType: number, chunk: MutableBody, endStream: boolean): DataStatus {
    side.chunk = chunk;
    this.#endOfStream = endStream;
    const size = this.buffer(bufferType)?.length ?? 0;
    const answer = this.#guarded(
      callback,
      "stop-no-buffer",
      [size, endStream ? 1 : 0],
      (result): DataStatus => (this.vm.stopIteration ? "stop-no-buffer" : (DATA[result] ?? "stop-no-buffer")),
    );
    side.buffering = answer === "stop-buffer";
    if (answer === "continue") side.chunk = null;
    return answer;
  }

  #trailers(callback: string, side: Side, trailers: HeaderMap): TrailersStatus {
    side.trailers = trailers;
    const answer = this.#guarded(
      callback,
      "stop",
      [trailers.size],
      (result): TrailersStatus => (this.vm.stopIteration || result !== 0 ? "stop" : "continue"),
    );
    if (answer === "continue") side.trailers = null;
    return answer;
  }

  /** A callback whose VM may have failed, before or in it: then the failure policy answers. */
  #guarded<T extends string>(callback: string, stopped: T, args: number[], convert: (result: number) => T): T {
    const goOn = "continue" as T;
    if (this.vm.failed) return this.#failedAnswer(stopped);
    if (!this.vm.exports(callback)) return goOn;
    return this.vm.callback(() => {
      const result = this.vm.call(this, callback, this.id, ...args);
      return this.vm.failed ? this.#failedAnswer(stopped) : convert(result);
    });
  }

  #failedAnswer<T>(stopped: T): T {
    // Envoy's FAIL_OPEN is for later streams: the one in which the module traps fails all the same.
    if (!this.#streamFailed) {
      this.#streamFailed = true;
      this.#failureReplySent = true;
      this.stream.sendLocalReply({ status: 503, body: "", headers: [], grpcStatus: 14, details: "wasm_fail_stream" });
    }
    return stopped;
  }

  // From hostcalls ---------------------------------------------------------------------------------------------------

  override map(type: number): HeaderMap | null {
    const { request, response, stream } = this;
    if (type === REQUEST_HEADERS) return request.headers;
    if (type === RESPONSE_HEADERS) return response.headers;
    if (type === REQUEST_TRAILERS) {
      // At the end of a body, trailers can be made.
      if (!request.trailers && request.chunk && this.#endOfStream) request.trailers = stream.addDecodedTrailers();
      return request.trailers;
    }
    if (type === RESPONSE_TRAILERS) {
      if (!response.trailers && response.chunk && this.#endOfStream) response.trailers = stream.addEncodedTrailers();
      return response.trailers;
    }
    return null;
  }

  override readableMap(type: number): HeaderMap | null {
    const { request, response, stream } = this;
    if (type === REQUEST_HEADERS) return this.#logging ? stream.requestHeaders : request.headers;
    if (type === REQUEST_TRAILERS) return this.#logging ? null : request.trailers;
    if (type === RESPONSE_HEADERS) return this.#logging ? stream.responseHeaders : response.headers;
    if (type === RESPONSE_TRAILERS) return this.#logging ? stream.responseTrailers : response.trailers;
    return this.#root.readableMap(type);
  }

  override findBuffer(type: number): ReadableBuffer | null {
    if (type === 0) return this.#body(this.request, this.stream.requestBuffer);
    if (type === 1) return this.#body(this.response, this.stream.responseBuffer);
    if (type === 7) return null;
    return this.#root.findBuffer(type);
  }

  #body(side: Side, buffered: MutableBody | null): ReadableBuffer {
    const body = side.buffering ? buffered : side.chunk;
    return body ? bodyBuffer(body) : constantBuffer(Buffer.alloc(0));
  }

  override continueStream(type: number): number {
    if (type >= 2) return super.continueStream(type);
    this.vm.afterCallback(() => (type === 0 ? this.stream.continueDecoding(this.index) : this.stream.continueEncoding(this.index)));
    this.request.headers = null;
    this.request.chunk = null;
    this.request.trailers = null;
    return Status.Ok;
  }

  override closeStream(type: number): number {
    if (type >= 2) return Status.Ok;
    this.stream.info.responseCodeDetails ??= "wasm_close_stream";
    this.vm.afterCallback(() => this.stream.reset());
    return Status.Ok;
  }

  override sendLocalResponse(response: LocalResponse): void {
    this.vm.afterCallback(() => this.stream.sendLocalReply({ ...response, details: response.details.replace(/\s/g, "_") }));
  }

  override clearRouteCache(): void {
    this.stream.clearRouteCache();
  }
}

/** Stands for a filter whose VM could not be used when the stream began: every request is answered 503. */
export class FailedFilter {
  readonly stream: HttpStream;

  constructor(stream: HttpStream) {
    this.stream = stream;
  }

  decodeHeaders(): HeadersStatus {
    this.stream.sendLocalReply({ status: 503, body: "", headers: [], grpcStatus: 14, details: "wasm_fail_stream" });
    return "stop-all-watermark";
  }
}
