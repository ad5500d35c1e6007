// Does what Gcore's edge lets a filter do: reads and writes its properties, and writes the response's headers before there is a response.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";

import {
  Context,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  get_property,
  LogLevelValues,
  log,
  makeHeaderPair,
  RootContext,
  registerRootContext,
  send_http_response,
  set_property,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

const READ: string[] = [
  "request.url",
  "request.host",
  "request.path",
  "request.query",
  "request.scheme",
  "request.method",
  "request.extension",
  "request.x_real_ip",
  "request.country",
  "request.city",
];

function text(path: string): string {
  return String.UTF8.decode(get_property(path));
}

function all(): string {
  return READ.map<string>(path => path.substring(8) + "=" + text(path)).join(" ");
}

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
    const response = stream_context.headers.response;
    request.add("x-read", all());
    const path = request.get("x-write");
    if (path != "") {
      const status = set_property(path, String.UTF8.encode(request.get("x-value")));
      request.add("x-written", status.toString() + " " + text(path));
    }
    response.add("x-early", "added");
    response.add("x-early", "twice");
    response.replace("x-set", "early");
    response.replace("x-upstream", "replaced");
    response.add("x-never", "gone");
    response.remove("x-never");
    request.add("x-early", response.get("x-early") + " " + response.get("x-set") + " [" + response.get("x-never") + "]");
    if (request.get("x-refuse") != "") {
      send_http_response(403, "refused", String.UTF8.encode("no"), [makeHeaderPair("x-local", "yes")]);
      return FilterHeadersStatusValues.StopIteration;
    }
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    stream_context.headers.response.add("x-late", all());
    stream_context.headers.response.add("x-saw", stream_context.headers.response.get("x-set"));
    return FilterHeadersStatusValues.Continue;
  }

  onResponseBody(size: usize, end: bool): FilterDataStatusValues {
    if (end) log(LogLevelValues.info, "in the body: " + text("request.url"));
    return FilterDataStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Root(id), "edge");
