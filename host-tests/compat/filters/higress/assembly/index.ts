// In the style of Higress' SDK: properties with a status, and HTTP calls with a second callback.
export * from "@higress/proxy-wasm-assemblyscript-sdk/assembly/proxy";

import {
  BufferTypeValues,
  Context,
  FilterHeadersStatusValues,
  get_buffer_bytes,
  get_property,
  Headers,
  makeHeaderPair,
  RootContext,
  registerRootContext,
  root_context,
  stream_context,
  WasmResultValues,
} from "@higress/proxy-wasm-assemblyscript-sdk/assembly";

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
    const found = get_property("request\0method");
    const missing = get_property("request\0nothing");
    const headers = stream_context.headers.request;
    headers.add("x-method", String.UTF8.decode(found.returnValue) + " " + found.status.toString());
    headers.add("x-missing", missing.returnValue.byteLength.toString() + " " + missing.status.toString());
    const cluster = get_property("cluster_name");
    headers.add("x-cluster", String.UTF8.decode(cluster.returnValue) + " " + cluster.status.toString());
    const pairs: Headers = [makeHeaderPair(":method", "GET"), makeHeaderPair(":path", "/asked"), makeHeaderPair(":authority", "answers")];
    const result = (root_context as RootContext).httpCall(
      "answers",
      pairs,
      new ArrayBuffer(0),
      [],
      5000,
      this,
      (status: i32, headers: Headers, body: ArrayBuffer): void => {
        stream_context.headers.request.add("x-answer", status.toString() + " " + String.UTF8.decode(body));
      },
      (origin, count, size, trailers, callback): void => {
        const body = get_buffer_bytes(BufferTypeValues.HttpCallResponseBody, 0, size as u32);
        const headers: Headers = stream_context.headers.http_callback.get_headers();
        let status = 502;
        for (let i = 0; i < headers.length; i++) {
          if (String.UTF8.decode(headers[i].key) == ":status") status = I32.parseInt(String.UTF8.decode(headers[i].value));
        }
        callback(status, headers, body);
        origin.continueRequest();
      },
    );
    return result == WasmResultValues.Ok ? FilterHeadersStatusValues.StopIteration : FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Root(id), "higress");
