// Asks in its callbacks that the stream go on, which callbacks say by what they return.
export * from "@solo-io/proxy-runtime/proxy";

import {
  Context,
  continue_request,
  continue_response,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  RootContext,
  registerRootContext,
  stream_context,
} from "@solo-io/proxy-runtime";

class Root extends RootContext {
  createContext(context_id: u32): Context {
    return new Stream(context_id, this);
  }
}

class Stream extends Context {
  inBody: bool = false;
  stops: bool = false;

  constructor(context_id: u32, root_context: Root) {
    super(context_id, root_context);
  }

  onRequestHeaders(headers: u32, end_of_stream: bool): FilterHeadersStatusValues {
    const wanted = stream_context.headers.request.get("x-continue");
    this.inBody = wanted.includes("body");
    this.stops = wanted.includes("stop");
    if (this.inBody) return FilterHeadersStatusValues.Continue;
    continue_request();
    return this.stops ? FilterHeadersStatusValues.StopIteration : FilterHeadersStatusValues.Continue;
  }

  onRequestBody(size: usize, end_of_stream: bool): FilterDataStatusValues {
    if (!this.inBody) return FilterDataStatusValues.Continue;
    if (!end_of_stream) return FilterDataStatusValues.StopIterationAndBuffer;
    continue_request();
    return this.stops ? FilterDataStatusValues.StopIterationAndBuffer : FilterDataStatusValues.Continue;
  }

  onResponseHeaders(headers: u32, end_of_stream: bool): FilterHeadersStatusValues {
    stream_context.headers.response.add("x-passes", "once");
    continue_response();
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => new Root(context_id), "continues");
