// In the style of Gcore's examples, whose builds bring a console and a clock.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";

import {
  Context,
  FilterHeadersStatusValues,
  get_property,
  LogLevelValues,
  log,
  RootContext,
  registerRootContext,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";
import { getEnv, getSecret, KvStore, setLogLevel } from "@gcoredev/proxy-wasm-sdk-as/assembly/fastedge";

class Root extends RootContext {
  createContext(id: u32): Context {
    setLogLevel(LogLevelValues.warn);
    return new Stream(id, this);
  }
}

class Stream extends Context {
  constructor(id: u32, root: Root) {
    super(id, root);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const dice = Math.random();
    const headers = stream_context.headers.request;
    headers.add("x-time", Date.now().toString());
    headers.add("x-dice", dice >= 0 && dice < 1 ? "fair" : "loaded");
    headers.add("x-env", getEnv("NAME") + " " + getSecret("PASSWORD").length.toString() + " none" + getEnv("NONE"));
    headers.add("x-path", String.UTF8.decode(get_property("request.path")));
    headers.add("x-store", KvStore.open("any") == null ? "none" : "one");
    console.log("by console");
    log(LogLevelValues.info, "below the level");
    log(LogLevelValues.warn, "at its level");
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const status = Uint8Array.wrap(get_property("response.status"));
    stream_context.headers.response.add("x-status", (((<u32>status[0]) << 8) | status[1]).toString());
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Root(id), "globals");
