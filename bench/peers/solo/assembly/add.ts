// Adds one header to every request.
export * from "@solo-io/proxy-runtime/proxy";

import { Context, FilterHeadersStatusValues, RootContext, registerRootContext, stream_context } from "@solo-io/proxy-runtime";

class Plugin extends RootContext {
  createContext(id: u32): Context {
    return new Add(id, this);
  }
}

class Add extends Context {
  constructor(id: u32, plugin: Plugin) {
    super(id, plugin);
  }

  onRequestHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    stream_context.headers.request.add("x-bench", "1");
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Plugin(id), "bench");
