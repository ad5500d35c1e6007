import { BufferType, DataStatus, HeadersStatus, MapType, Status, StreamType, TrailersStatus } from "../abi/enums";
import { proxy_close_stream, proxy_send_local_response } from "../abi/hostcalls";
import { decimal } from "../std/decimal";
import { ABSENT, Slice, sliceLength, slicePointer } from "../std/slice";
import { Body } from "./body";
import { continueStream } from "./continuing";
import { HeaderList } from "./header-list";
import { HeaderMap } from "./header-map";
import { HeaderSnapshot } from "./header-snapshot";
import { PluginContext } from "./plugin-context";
import { StreamContext } from "./stream-context";
import { textSlice } from "./text";

/**
 * One object of each kind serves all streams: it holds nothing beyond a callback, and callbacks of streams never overlap. As static fields,
 * of which the compiler leaves out those that nobody asks for.
 */
class Shared {
  static readonly requestHeaders: HeaderMap = new HeaderMap(MapType.HttpRequestHeaders);
  static readonly requestTrailers: HeaderMap = new HeaderMap(MapType.HttpRequestTrailers);
  static readonly responseHeaders: HeaderMap = new HeaderMap(MapType.HttpResponseHeaders);
  static readonly responseTrailers: HeaderMap = new HeaderMap(MapType.HttpResponseTrailers);
  static readonly requestBody: Body = new Body(BufferType.HttpRequestBody);
  static readonly responseBody: Body = new Body(BufferType.HttpResponseBody);
}
const CONTENT_LENGTH = "content-length";

/**
 * One HTTP stream. Extend it and override the callbacks that the filter needs; the build exports only those.
 *
 * A class without fields of its own keeps no state for a stream: one object then serves all streams of a plugin, and the host
 * is not asked to report their beginning and end.
 */
export class HttpContext extends StreamContext {
  /** Request headers have come. Spec: v0.2.1 #proxy_on_request_headers */
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    return HeadersStatus.Continue;
  }

  /** `bodySize` bytes of the request's body can be read; while they are buffered, all that came so far. Spec: v0.2.1 #proxy_on_request_body */
  onRequestBody(bodySize: u32, endOfStream: bool): DataStatus {
    return DataStatus.Continue;
  }

  /** Request trailers have come. Spec: v0.2.1 #proxy_on_request_trailers */
  onRequestTrailers(): TrailersStatus {
    return TrailersStatus.Continue;
  }

  /**
   * `count` entries of HTTP/2 metadata have come with the request. The ABI lets nobody read them: they can only be counted, and they go on.
   * Envoy calls it where the listener has `http2_protocol_options.allow_metadata`. No part of the specification.
   */
  onRequestMetadata(count: u32): void {}

  /** Response headers have come. Spec: v0.2.1 #proxy_on_response_headers */
  onResponseHeaders(endOfStream: bool): HeadersStatus {
    return HeadersStatus.Continue;
  }

  /** As `onRequestBody`, for the response. Spec: v0.2.1 #proxy_on_response_body */
  onResponseBody(bodySize: u32, endOfStream: bool): DataStatus {
    return DataStatus.Continue;
  }

  /** Response trailers have come. Spec: v0.2.1 #proxy_on_response_trailers */
  onResponseTrailers(): TrailersStatus {
    return TrailersStatus.Continue;
  }

  /** As `onRequestMetadata`, for the response and the cluster's options. */
  onResponseMetadata(count: u32): void {}

  /** Valid in the request's callbacks and in `onLog`; in the response's callbacks it reads as empty and can't be changed. */
  get requestHeaders(): HeaderMap {
    return Shared.requestHeaders;
  }

  /**
   * The request's headers to keep: the host lets nobody read them in the response's callbacks. Take it in `onRequestHeaders` and put it
   * in a field of the stream context.
   */
  snapshotRequestHeaders(): HeaderSnapshot {
    return Shared.requestHeaders.snapshot();
  }

  /** Valid in `onRequestTrailers` and `onLog`. */
  get requestTrailers(): HeaderMap {
    return Shared.requestTrailers;
  }

  /** Valid in the response's callbacks and in `onLog`. */
  get responseHeaders(): HeaderMap {
    return Shared.responseHeaders;
  }

  /** Valid in `onResponseTrailers` and `onLog`. */
  get responseTrailers(): HeaderMap {
    return Shared.responseTrailers;
  }

  /**
   * Valid in `onRequestBody`, and in `onRequestTrailers` for what is buffered. Where nothing is, trailers come too late to add what a field of the
   * filter has held back: let Envoy hold it, by `StopIterationAndBuffer`, where they may come.
   */
  get requestBody(): Body {
    return Shared.requestBody;
  }

  /** Valid in `onResponseBody`, and in `onResponseTrailers` for what is buffered. */
  get responseBody(): Body {
    return Shared.responseBody;
  }

  /**
   * Call it in `onRequestHeaders` when a later callback changes the body: it removes `content-length`, which would tell the old length, and
   * the host sends the body in chunks (HTTP/1.1) or without a length (HTTP/2).
   */
  willChangeRequestBody(): Status {
    return Shared.requestHeaders.remove(CONTENT_LENGTH);
  }

  /** The same for the response; call it in `onResponseHeaders`. */
  willChangeResponseBody(): Status {
    return Shared.responseHeaders.remove(CONTENT_LENGTH);
  }

  /**
   * Sets `content-length` to the length that the body has now, for an upstream that does not take a body without one. Call it in
   * `onRequestBody` when all of the body is there and changed. The headers must still be held: `onRequestHeaders` returned
   * `StopIteration`, and Envoy's plugin configuration has `allow_on_headers_stop_iteration: true`, without which the body comes only after the
   * headers have gone. `Status.BadArgument` when they have gone.
   */
  correctRequestLength(): Status {
    return Shared.requestHeaders.set(CONTENT_LENGTH, decimal(Shared.requestBody.size));
  }

  /** The same for the response: in `onResponseBody`, after `onResponseHeaders` returned `StopIteration`. */
  correctResponseLength(): Status {
    return Shared.responseHeaders.set(CONTENT_LENGTH, decimal(Shared.responseBody.size));
  }

  /**
   * Answers the request from here: nothing goes upstream. Return `StopIteration` from the callback afterwards. `JsonWriter` makes a `body` in JSON;
   * with status 204 and 304, which have none, it is left out. The answer goes through the response's callbacks of this filter as well.
   * `grpcStatus` (0 to 16) is what gRPC clients see; -1 leaves it to the host to derive it. Valid until response headers were sent.
   * Spec: v0.2.1 #proxy_send_local_response
   */
  sendLocalResponse(status: u32, body: string = "", headers: HeaderList | null = null, grpcStatus: i32 = -1, details: string = ""): Status {
    // Envoy would send it all the same, and a client take it for the next answer.
    const bodiless = status == 204 || status == 304;
    const text = bodiless ? ABSENT : textSlice(body);
    const reason = textSlice(details);
    let pairs: Slice = ABSENT;
    if (headers != null) pairs = headers.toPairs();
    return proxy_send_local_response(
      status,
      slicePointer(reason),
      sliceLength(reason),
      slicePointer(text),
      sliceLength(text),
      slicePointer(pairs),
      sliceLength(pairs),
      grpcStatus,
    );
  }

  /**
   * Lets a request go on that a callback stopped; in a callback of another context after `makeEffective()`. Within a callback of this request, the
   * callback's own status becomes Continue. Spec: v0.2.1 #proxy_continue_stream
   */
  continueRequest(): Status {
    return continueStream(StreamType.HttpRequest);
  }

  /** The same for a response. */
  continueResponse(): Status {
    return continueStream(StreamType.HttpResponse);
  }

  /** Resets the stream in both directions. Spec: v0.2.1 #proxy_close_stream */
  resetStream(): Status {
    return proxy_close_stream(StreamType.HttpRequest);
  }
}

/** An HTTP stream whose plugin context is a `P`: `this.plugin` is the configuration that it runs under. */
export class HttpContextOf<P extends PluginContext> extends HttpContext {
  /** The plugin context, as what it is. */
  get plugin(): P {
    return changetype<P>(this.pluginContext);
  }
}
