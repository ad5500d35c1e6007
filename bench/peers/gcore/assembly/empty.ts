// Lets every request pass.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";

import { Context, FilterHeadersStatusValues, RootContext, registerRootContext } from "@gcoredev/proxy-wasm-sdk-as/assembly";

class Plugin extends RootContext {
  createContext(id: u32): Context {
    return new Empty(id, this);
  }
}

class Empty extends Context {
  constructor(id: u32, plugin: Plugin) {
    super(id, plugin);
  }

  onRequestHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Plugin(id), "bench");
