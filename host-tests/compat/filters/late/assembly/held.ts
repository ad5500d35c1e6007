// Holds the request's headers back until the body is there, changes them then, and reads them in the response.
export * from "@solo-io/proxy-runtime/proxy";

import {
  Context,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  RootContext,
  registerRootContext,
  stream_context,
} from "@solo-io/proxy-runtime";

class Root extends RootContext {
  createContext(id: u32): Context {
    return new Stream(id, this);
  }
}

class Stream extends Context {
  constructor(id: u32, root: Root) {
    super(id, root);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const request = stream_context.headers.request;
    if (end || request.get("x-id") == "") return FilterHeadersStatusValues.Continue;
    request.replace("x-size", "unknown");
    return FilterHeadersStatusValues.StopIteration;
  }

  onRequestBody(size: usize, end: bool): FilterDataStatusValues {
    if (!end) return FilterDataStatusValues.StopIterationAndBuffer;
    const request = stream_context.headers.request;
    if (request.get("x-id") != "") request.replace("x-size", size.toString());
    return FilterDataStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const request = stream_context.headers.request;
    stream_context.headers.response.add("x-seen", "id " + request.get("x-id") + ", size " + request.get("x-size"));
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext(id => new Root(id), "held");
