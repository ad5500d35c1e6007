/** HTTP streams. The status goes to the host as it is, unless the callback asked that its stream go on; one without a context does. */
import { DataStatus, HeadersStatus, StreamType, TrailersStatus } from "../../abi/enums";
import { beginDirection, endDirection } from "../continuing";
import { httpContext } from "../dispatcher";
import { enter, leave } from "../lifecycle";

export function proxy_on_request_headers(contextId: u32, numHeaders: u32, endOfStream: u32): u32 {
  enter();
  beginDirection(StreamType.HttpRequest, contextId);
  const context = httpContext(contextId);
  const status = context == null ? HeadersStatus.Continue : context.onRequestHeaders(endOfStream != 0);
  leave();
  return endDirection(status);
}

export function proxy_on_request_body(contextId: u32, bodySize: u32, endOfStream: u32): u32 {
  enter();
  beginDirection(StreamType.HttpRequest, contextId);
  const context = httpContext(contextId);
  const status = context == null ? DataStatus.Continue : context.onRequestBody(bodySize, endOfStream != 0);
  leave();
  return endDirection(status);
}

export function proxy_on_request_trailers(contextId: u32, numTrailers: u32): u32 {
  enter();
  beginDirection(StreamType.HttpRequest, contextId);
  const context = httpContext(contextId);
  const status = context == null ? TrailersStatus.Continue : context.onRequestTrailers();
  leave();
  return endDirection(status);
}

export function proxy_on_response_headers(contextId: u32, numHeaders: u32, endOfStream: u32): u32 {
  enter();
  beginDirection(StreamType.HttpResponse, contextId);
  const context = httpContext(contextId);
  const status = context == null ? HeadersStatus.Continue : context.onResponseHeaders(endOfStream != 0);
  leave();
  return endDirection(status);
}

export function proxy_on_response_body(contextId: u32, bodySize: u32, endOfStream: u32): u32 {
  enter();
  beginDirection(StreamType.HttpResponse, contextId);
  const context = httpContext(contextId);
  const status = context == null ? DataStatus.Continue : context.onResponseBody(bodySize, endOfStream != 0);
  leave();
  return endDirection(status);
}

export function proxy_on_response_trailers(contextId: u32, numTrailers: u32): u32 {
  enter();
  beginDirection(StreamType.HttpResponse, contextId);
  const context = httpContext(contextId);
  const status = context == null ? TrailersStatus.Continue : context.onResponseTrailers();
  leave();
  return endDirection(status);
}

/** Metadata always goes on. */
export function proxy_on_request_metadata(contextId: u32, count: u32): u32 {
  enter();
  const context = httpContext(contextId);
  if (context != null) context.onRequestMetadata(count);
  leave();
  return 0;
}

export function proxy_on_response_metadata(contextId: u32, count: u32): u32 {
  enter();
  const context = httpContext(contextId);
  if (context != null) context.onResponseMetadata(count);
  leave();
  return 0;
}
