// As filters for Gcore's SDK were before 1.0: what is the edge's own comes from the SDK itself, or from the process.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";

import {
  Context,
  FilterHeadersStatusValues,
  getCurrentTime,
  getEnvVar,
  getSecretVar,
  getSecretVarEffectiveAt,
  LogLevelValues,
  log,
  RootContext,
  registerRootContext,
  setLogLevel,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

class EarlyRoot extends RootContext {
  greeting: string = process.env.has("GREETING") ? process.env.get("GREETING") : "nothing";

  createContext(context_id: u32): Context {
    setLogLevel(LogLevelValues.warn);
    return new Early(context_id, this);
  }
}

class Early extends Context {
  constructor(context_id: u32, root_context: EarlyRoot) {
    super(context_id, root_context);
  }

  onRequestHeaders(a: u32, end_of_stream: bool): FilterHeadersStatusValues {
    log(LogLevelValues.warn, "at its level");
    log(LogLevelValues.info, "below the level");
    const name = getEnvVar("NAME");
    const secret = getSecretVar("PASSWORD") + getSecretVarEffectiveAt("PASSWORD", 1);
    stream_context.headers.request.add("x-env", `${name} ${secret.length} none${getEnvVar("NONE")}`);
    const root = this.root_context as EarlyRoot;
    stream_context.headers.request.add("x-process", `${root.greeting} ${process.env.size} ${process.env.has("NONE")}`);
    stream_context.headers.request.add("x-time", new Date(getCurrentTime()).toISOString());
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => {
  return new EarlyRoot(context_id);
}, "early");
