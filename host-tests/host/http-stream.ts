import type { Rejection } from "./arrival.ts";
import { MutableBody } from "./body.ts";
import { toBytes } from "./bytes.ts";
import type { LocalResponse } from "./context.ts";
import { type Direction, FilterSlot } from "./filter-slot.ts";
import { HeaderMap } from "./header-map.ts";
import type { Host } from "./host.ts";
import { FailedFilter, HttpFilter } from "./http-filter.ts";
import { type LocalReply, localReply } from "./local-reply.ts";
import type { Plugin } from "./plugin-handle.ts";
import { type Route, routeOf } from "./routes.ts";
import type { StreamInfo } from "./stream-info.ts";

/** What the stream tells whoever made it. */
export interface StreamEnds {
  /** The request, or what has come of it, reaches the router; `route` has a cluster. */
  upstreamHeaders(headers: HeaderMap, route: Route, endStream: boolean): void;
  upstreamData(data: Buffer, endStream: boolean): void;
  upstreamTrailers(trailers: HeaderMap): void;
  /** The response goes to the client. */
  downstreamHeaders(headers: HeaderMap, endStream: boolean): void;
  downstreamData(data: Buffer, endStream: boolean): void;
  downstreamTrailers(trailers: HeaderMap): void;
  /** The stream is over; `reset` when the client gets no (whole) response. */
  over(reset: boolean): void;
}

/** One of Envoy's response flags. */
const NO_ROUTE_FOUND = 0x100n;

type Filter = HttpFilter | FailedFilter;

/** One HTTP stream through a chain of filters: Envoy's filter manager with the router behind it. */
export class HttpStream {
  readonly host: Host;
  readonly info: StreamInfo;
  readonly filters: readonly Filter[];
  requestHeaders: HeaderMap | null = null;
  requestTrailers: HeaderMap | null = null;
  responseHeaders: HeaderMap | null = null;
  responseTrailers: HeaderMap | null = null;
  /** Both sides are done with the stream. */
  finished = false;
  readonly #ends: StreamEnds;
  readonly #routes: readonly Route[];
  readonly #limit: number;
  readonly #decode: FilterSlot[];
  readonly #encode: FilterSlot[];
  readonly #decoding: Direction;
  readonly #encoding: Direction;
  #route: Route | null | undefined;
  #requestComplete = false;
  #responseComplete = false;
  #responseHeadersSent = false;
  #encodeEnd = false;
  #decodeAborted = false;
  #encodeAborted = false;
  #inDecode = 0;
  #inEncode = 0;
  #prepared: LocalReply | null = null;

  constructor(options: {
    host: Host;
    plugins: readonly Plugin[];
    routes: readonly Route[];
    info: StreamInfo;
    ends: StreamEnds;
    limit: number;
  }) {
    this.host = options.host;
    this.info = options.info;
    this.#ends = options.ends;
    this.#routes = options.routes;
    this.#limit = options.limit;
    const filters: Filter[] = [];
    for (const plugin of options.plugins) {
      const context = plugin.contextForStream();
      if (context === "failed") filters.push(new FailedFilter(this));
      else if (context !== "skip") filters.push(new HttpFilter(this, filters.length, context));
    }
    this.filters = filters;
    this.#decoding = this.#decodeDirection();
    this.#encoding = this.#encodeDirection();
    this.#decode = filters.map((_, index) => new FilterSlot(index, this.#decoding));
    this.#encode = filters.map((_, index) => new FilterSlot(index, this.#encoding));
  }

  get requestComplete(): boolean {
    return this.#requestComplete;
  }

  get requestBuffer(): MutableBody | null {
    return this.#decoding.buffered;
  }

  get responseBuffer(): MutableBody | null {
    return this.#encoding.buffered;
  }

  /** Filters that have stopped the request or the response, for a message: `span-attributes (request)`. */
  get stoppedBy(): string[] {
    const names = (slots: FilterSlot[], side: string): string[] =>
      slots.filter(({ state }) => state !== "continue").map(({ index }) => `${this.#name(index)} (${side})`);
    return [...names(this.#decode, "request"), ...names(this.#encode, "response")];
  }

  #name(index: number): string {
    const filter = this.filters[index];
    return filter instanceof HttpFilter ? filter.settings.name : "a failed filter";
  }

  // Request ----------------------------------------------------------------------------------------------------------

  receiveHeaders(headers: HeaderMap, endStream: boolean): void {
    this.requestHeaders = headers;
    this.#requestComplete = endStream;
    this.#setRoute();
    this.#decodeHeaders(0, headers, endStream);
  }

  /** Envoy answers by itself: no filter is asked, but each is told of the end. */
  reject(headers: HeaderMap, { status, body, details, flags, routed }: Rejection): void {
    this.requestHeaders = headers;
    this.#requestComplete = true;
    this.#decodeAborted = true;
    if (routed) this.#setRoute();
    this.info.responseFlags |= flags;
    this.info.responseCodeDetails = details;
    this.#sendPastFilters(localReply({ status, body, headers: [], grpcStatus: -1 >>> 0, details }, headers));
  }

  receiveData(data: Buffer, endStream: boolean): void {
    if (this.finished) return;
    this.info.bytesReceived += data.length;
    if (endStream) this.#requestComplete = true;
    this.#decodeData(0, new MutableBody(data), endStream);
  }

  receiveTrailers(trailers: HeaderMap): void {
    if (this.finished) return;
    this.#requestComplete = true;
    this.requestTrailers = trailers;
    this.#decodeTrailers(0);
  }

  #decodeHeaders(from: number, headers: HeaderMap, endStream: boolean): void {
    for (let i = from; i < this.filters.length; i++) {
      const slot = this.#decode[i] as FilterSlot;
      slot.endStream = endStream;
      const status = this.#duringDecode(() => (this.filters[i] as Filter).decodeHeaders(headers, endStream));
      const goesOn = slot.afterHeaders(status);
      if (this.#endedByReply() || !goesOn || this.finished) return;
    }
    this.#routeHeaders(headers, endStream);
  }

  #decodeData(from: number, data: MutableBody, endStream: boolean): void {
    if (this.#decodeAborted || this.#responseComplete) return;
    const hadTrailers = this.requestTrailers !== null;
    // Trailers that a filter makes at the end of the body go on with it, to the filters behind.
    let addedBy: number | undefined;
    for (let i = from; i < this.filters.length; i++) {
      const slot = this.#decode[i] as FilterSlot;
      if (slot.heldBack(data) || slot.endStream || this.finished) return;
      slot.endStream = endStream && !this.requestTrailers;
      const filter = this.filters[i];
      const status = filter instanceof HttpFilter ? this.#duringDecode(() => filter.decodeData(data, slot.endStream)) : "continue";
      if (this.#endedByReply() || !slot.afterData(status, data)) {
        this.#endedByReply();
        return;
      }
      if (this.#decodeAborted || this.finished) return;
      if (!hadTrailers && this.requestTrailers) addedBy ??= i;
    }
    this.#ends.upstreamData(data.drain(), endStream && !this.requestTrailers);
    if (addedBy !== undefined) this.#decodeTrailers(addedBy + 1);
  }

  #decodeTrailers(from: number): void {
    const trailers = this.requestTrailers;
    if (this.#decodeAborted || this.#responseComplete || !trailers) return;
    for (let i = from; i < this.filters.length; i++) {
      const slot = this.#decode[i] as FilterSlot;
      if (slot.stoppedAll || this.finished) return;
      const filter = this.filters[i];
      const status = filter instanceof HttpFilter ? this.#duringDecode(() => filter.decodeTrailers(trailers)) : "continue";
      if (this.#endedByReply() || !slot.afterTrailers(status)) return;
    }
    this.#ends.upstreamTrailers(trailers);
  }

  addDecodedData(index: number, data: MutableBody): void {
    (this.#decode[index] as FilterSlot).buffer(data, false);
  }

  addDecodedTrailers(): HeaderMap {
    this.requestTrailers = new HeaderMap("trailers");
    return this.requestTrailers;
  }

  continueDecoding(index: number): void {
    if (!this.finished) (this.#decode[index] as FilterSlot).resume();
  }

  // Router -----------------------------------------------------------------------------------------------------------

  clearRouteCache(): void {
    if (this.requestHeaders) this.#route = undefined;
  }

  #setRoute(): Route | null {
    if (this.#route === undefined) {
      this.#route = this.requestHeaders ? routeOf(this.#routes, this.requestHeaders) : null;
      this.info.routed = true;
      this.info.routeName = this.#route ? (this.#route.name ?? "") : null;
      this.info.upstream = this.#route?.cluster ? { cluster: this.#route.cluster, address: "" } : null;
    }
    return this.#route;
  }

  #routeHeaders(headers: HeaderMap, endStream: boolean): void {
    const route = this.#setRoute();
    const answer = (status: number, body: string, details: string, own: LocalResponse["headers"] = []): void => {
      this.#duringDecode(() => this.sendLocalReply({ status, body, headers: own, grpcStatus: -1 >>> 0, details }));
      this.#endedByReply();
    };
    if (!route) {
      this.info.responseFlags |= NO_ROUTE_FOUND;
      answer(404, "", "route_not_found");
    } else if (route.response) {
      const { status, body = "" } = route.response;
      const moved = status === 201 || (status >= 300 && status < 400);
      const location = `${headers.get(":scheme")}://${headers.get(":authority") ?? ""}${headers.get(":path")}`;
      answer(status, body, "direct_response", moved ? [["location", location]] : []);
    } else this.#ends.upstreamHeaders(headers, route, endStream);
  }

  // Response ---------------------------------------------------------------------------------------------------------

  respondHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.finished || this.responseHeaders) return;
    this.#setResponseHeaders(headers);
    this.info.responseCodeDetails ??= "via_upstream";
    this.#encodeHeaders(this.filters.length - 1, headers, endStream);
  }

  respondData(data: Buffer, endStream: boolean): void {
    if (!this.finished) this.#encodeData(this.filters.length - 1, new MutableBody(data), endStream);
  }

  respondTrailers(trailers: HeaderMap): void {
    if (this.finished) return;
    this.responseTrailers = trailers;
    this.#encodeEnd = true;
    this.#encodeTrailers(this.filters.length - 1);
  }

  #setResponseHeaders(headers: HeaderMap): void {
    this.responseHeaders = headers;
    this.info.responseCode = Number(headers.get(":status") ?? 0);
  }

  #encodeHeaders(from: number, headers: HeaderMap, endStream: boolean): void {
    if (endStream) this.#encodeEnd = true;
    for (let i = from; i >= 0; i--) {
      const slot = this.#encode[i] as FilterSlot;
      const filter = this.filters[i];
      slot.endStream = endStream;
      const status = filter instanceof HttpFilter ? this.#duringEncode(() => filter.encodeHeaders(headers, endStream)) : "continue";
      if (this.#encodeAborted) return;
      if (!slot.afterHeaders(status) || this.finished) return;
    }
    this.#sendHeaders(headers, endStream);
  }

  #encodeData(from: number, data: MutableBody, endStream: boolean): void {
    if (this.#encodeAborted) return;
    if (endStream) this.#encodeEnd = true;
    const hadTrailers = this.responseTrailers !== null;
    let addedBy: number | undefined;
    for (let i = from; i >= 0; i--) {
      const slot = this.#encode[i] as FilterSlot;
      if (slot.heldBack(data) || slot.endStream || this.finished) return;
      slot.endStream = endStream && !this.responseTrailers;
      const filter = this.filters[i];
      const status = filter instanceof HttpFilter ? this.#duringEncode(() => filter.encodeData(data, slot.endStream)) : "continue";
      if (this.#encodeAborted || !slot.afterData(status, data) || this.finished) return;
      if (!hadTrailers && this.responseTrailers) addedBy ??= i;
    }
    const body = data.drain();
    this.info.bytesSent += body.length;
    const end = endStream && !this.responseTrailers;
    this.#ends.downstreamData(body, end);
    if (end) this.#finish(false);
    else if (addedBy !== undefined) this.#encodeTrailers(addedBy - 1);
  }

  #encodeTrailers(from: number): void {
    const trailers = this.responseTrailers;
    if (this.#encodeAborted || !trailers) return;
    for (let i = from; i >= 0; i--) {
      const slot = this.#encode[i] as FilterSlot;
      if (slot.stoppedAll || this.finished) return;
      const filter = this.filters[i];
      const status = filter instanceof HttpFilter ? this.#duringEncode(() => filter.encodeTrailers(trailers)) : "continue";
      if (this.#encodeAborted || !slot.afterTrailers(status)) return;
    }
    this.#sendTrailers(trailers);
  }

  addEncodedData(index: number, data: MutableBody): void {
    (this.#encode[index] as FilterSlot).buffer(data, false);
  }

  addEncodedTrailers(): HeaderMap {
    this.responseTrailers = new HeaderMap("trailers");
    return this.responseTrailers;
  }

  continueEncoding(index: number): void {
    if (!this.finished) (this.#encode[index] as FilterSlot).resume();
  }

  #sendHeaders(headers: HeaderMap, endStream: boolean): void {
    if (!headers.has(":status")) {
      const details = "filter_removed_required_response_headers{missing_required_header:_:status}";
      this.info.responseCodeDetails = details;
      const answer = { status: 502, body: "missing required header: :status", headers: [], grpcStatus: -1 >>> 0, details };
      this.#sendPastFilters(localReply(answer, this.requestHeaders));
      return;
    }
    this.#responseHeadersSent = true;
    this.info.responseCode = Number(headers.get(":status") ?? 0);
    this.#ends.downstreamHeaders(headers, endStream);
    if (endStream) this.#finish(false);
  }

  #sendTrailers(trailers: HeaderMap): void {
    this.#ends.downstreamTrailers(trailers);
    this.#finish(false);
  }

  // Local replies and the end ----------------------------------------------------------------------------------------

  /** Answers from the proxy. From a callback of the request it waits until that has returned. */
  sendLocalReply(response: LocalResponse): void {
    // Of several, the first is sent.
    if (this.finished || this.#prepared) return;
    const [decoding, encoding] = [this.#inDecode > 0, this.#inEncode > 0];
    if (decoding) this.#decodeAborted = true;
    else if (encoding) this.#encodeAborted = true;
    this.info.responseCodeDetails = response.details;
    const reply = localReply(response, this.requestHeaders);
    if (!this.responseHeaders) {
      if (decoding) this.#prepared = reply;
      else this.#sendThroughFilters(reply);
    } else if (!this.#responseHeadersSent) this.#sendPastFilters(reply);
    else this.reset();
  }

  /** Whether a local reply has ended the request's way; one that waited for the callback's return is sent. */
  #endedByReply(): boolean {
    const reply = this.#prepared;
    this.#prepared = null;
    if (reply) this.#sendThroughFilters(reply);
    return this.#decodeAborted;
  }

  #sendThroughFilters(reply: LocalReply): void {
    this.#decodeAborted = true;
    this.#setResponseHeaders(reply.headers);
    this.#encodeHeaders(this.filters.length - 1, reply.headers, reply.body === "");
    if (reply.body !== "" && !this.finished) this.#encodeData(this.filters.length - 1, new MutableBody(toBytes(reply.body)), true);
  }

  #sendPastFilters(reply: LocalReply): void {
    this.#encodeAborted = true;
    this.#setResponseHeaders(reply.headers);
    this.#responseHeadersSent = true;
    this.#ends.downstreamHeaders(reply.headers, reply.body === "");
    if (reply.body !== "") {
      this.info.bytesSent += reply.body.length;
      this.#ends.downstreamData(toBytes(reply.body), true);
    }
    this.#finish(false);
  }

  /** The client gets no (more of a) response. */
  reset(): void {
    if (!this.finished) this.#finish(true);
  }

  #finish(reset: boolean): void {
    this.finished = true;
    this.#responseComplete = true;
    this.info.duration = this.host.clock.now - this.info.startTime;
    for (const filter of this.filters) if (filter instanceof HttpFilter) filter.onLog();
    this.#ends.over(reset);
    for (const filter of this.filters) if (filter instanceof HttpFilter) filter.destroy();
  }

  #duringDecode<T>(run: () => T): T {
    this.#inDecode++;
    try {
      return run();
    } finally {
      this.#inDecode--;
    }
  }

  #duringEncode<T>(run: () => T): T {
    this.#inEncode++;
    try {
      return run();
    } finally {
      this.#inEncode--;
    }
  }

  // Directions -------------------------------------------------------------------------------------------------------

  #decodeDirection(): Direction {
    const stream = this;
    return {
      buffered: null,
      get complete() {
        return stream.#requestComplete;
      },
      get hasTrailers() {
        return stream.requestTrailers !== null;
      },
      canContinue: () => !stream.#responseComplete && !stream.#decodeAborted && !stream.finished,
      checkLimit(streaming) {
        if (streaming || (this.buffered?.length ?? 0) <= stream.#limit) return;
        stream.sendLocalReply({
          status: 413,
          body: "Payload Too Large",
          headers: [],
          grpcStatus: -1 >>> 0,
          details: "request_payload_too_large",
        });
      },
      headersFrom: (slot, endStream) => stream.#decodeHeaders(slot + 1, stream.requestHeaders as HeaderMap, endStream),
      dataFrom: (slot, including, data, endStream) => stream.#decodeData(including ? slot : slot + 1, data, endStream),
      trailersFrom: (slot, including) => stream.#decodeTrailers(including ? slot : slot + 1),
    };
  }

  #encodeDirection(): Direction {
    const stream = this;
    return {
      buffered: null,
      get complete() {
        return stream.#encodeEnd;
      },
      get hasTrailers() {
        return stream.responseTrailers !== null;
      },
      canContinue: () => !stream.#encodeAborted && !stream.finished,
      checkLimit(streaming) {
        if (streaming || (this.buffered?.length ?? 0) <= stream.#limit) return;
        stream.sendLocalReply({
          status: 500,
          body: "Internal Server Error",
          headers: [],
          grpcStatus: -1 >>> 0,
          details: "response_payload_too_large",
        });
      },
      headersFrom: (slot, endStream) => stream.#encodeHeaders(slot - 1, stream.responseHeaders as HeaderMap, endStream),
      dataFrom: (slot, including, data, endStream) => stream.#encodeData(including ? slot : slot - 1, data, endStream),
      trailersFrom: (slot, including) => stream.#encodeTrailers(including ? slot : slot - 1),
    };
  }
}
