// In the style of Kong's copy: the only root context serves any root id.
export * from "@kong/proxy-wasm-sdk/proxy";

import {
  Context,
  FilterHeadersStatusValues,
  get_shared_data,
  makeHeaderPair,
  RootContext,
  registerRootContext,
  send_http_response,
  set_shared_data,
  stream_context,
} from "@kong/proxy-wasm-sdk";

class Limits extends RootContext {
  createContext(id: u32): Context {
    return new Limited(id, this);
  }
}

class Limited extends Context {
  constructor(id: u32, root: Limits) {
    super(id, root);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const limit = I32.parseInt(this.root_context.getConfiguration());
    const key = "used by " + stream_context.headers.request.get("x-user-id");
    const stored = get_shared_data(key);
    const bytes = stored.value;
    const used = bytes == null ? 0 : I32.parseInt(String.UTF8.decode(bytes));
    if (used >= limit) {
      send_http_response(429, "limited", String.UTF8.encode("no more"), [makeHeaderPair("x-limit", limit.toString())]);
      return FilterHeadersStatusValues.StopIteration;
    }
    set_shared_data(key, String.UTF8.encode((used + 1).toString()), stored.cas);
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Limits(id), "any name");
