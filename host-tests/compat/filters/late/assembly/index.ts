// Asks for headers after the host has taken them away, as hosts other than Envoy let filters do.
export * from "@solo-io/proxy-runtime/proxy";

import {
  Context,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  get_header_map_value_string,
  HeaderMapTypeValues,
  Headers,
  LogLevelValues,
  log,
  makeHeaderPair,
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
  inBody: string = "";

  constructor(id: u32, root: Root) {
    super(id, root);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const request = stream_context.headers.request;
    request.add("x-variant", "B");
    request.remove("x-removed");
    if (request.get("x-asks") == "") return FilterHeadersStatusValues.Continue;
    const pairs: Headers = [makeHeaderPair(":method", "GET"), makeHeaderPair(":path", "/"), makeHeaderPair(":authority", "answers")];
    this.root_context.httpCall("answers", pairs, new ArrayBuffer(0), [], 5000, this, (origin, headers, size, trailers) => {
      stream_context.headers.request.replace("x-variant", "asked");
      origin.continueRequest();
    });
    return FilterHeadersStatusValues.StopIteration;
  }

  onRequestBody(size: usize, end: bool): FilterDataStatusValues {
    this.inBody = stream_context.headers.request.get("Origin");
    return FilterDataStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const request = stream_context.headers.request;
    const response = stream_context.headers.response;
    response.add("x-origin", request.get("Origin") + ", [" + this.inBody + "]");
    response.add("x-variant", request.get("x-variant"));
    response.add("x-absent", "[" + request.get("x-removed") + request.get("x-none") + "]");
    response.add("x-host", request.get("host"));
    response.add("x-path", get_header_map_value_string(HeaderMapTypeValues.RequestHeaders, ":path"));
    const all = request.get_headers();
    for (let i = 0; i < all.length; i++) {
      if (String.UTF8.decode(all[i].key) == "x-many") response.add("x-many", String.UTF8.decode(all[i].value));
    }
    response.add("x-pages", memory.size().toString());
    return FilterHeadersStatusValues.Continue;
  }

  onResponseBody(size: usize, end: bool): FilterDataStatusValues {
    if (end) log(LogLevelValues.info, "type in the body: " + stream_context.headers.response.get("content-type"));
    return FilterDataStatusValues.Continue;
  }

  onDone(): bool {
    log(LogLevelValues.info, "done with " + stream_context.headers.request.get("x-id"));
    return true;
  }
}

registerRootContext((id: u32) => new Root(id), "late");
