/** Makes hostcalls of its own, and has names that compat once had for itself. */
export * from "@solo-io/proxy-runtime/proxy";

import {
  Context,
  Counter,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  Gauge,
  LogLevelValues,
  log,
  RootContext,
  registerRootContext,
  stream_context,
} from "@solo-io/proxy-runtime";
import { body, declared, property } from "./host";

class Named extends Counter {
  name: string;
  id: i32 = 1;
  asked: i32 = 0;
  constructor(name: string) {
    super(name);
    this.name = name;
  }
  define(): string {
    return this.name;
  }
}

class Level extends Gauge {
  typ: string = "gauge";
  constructor() {
    super("own_level");
  }
}

class Root extends RootContext {
  waiting: string[] = [];
  counter: Named = new Named("own_count");
  level: Level = new Level();
  createContext(context_id: u32): Context {
    return new Stream(context_id, this);
  }
}

class Stream extends Context {
  kept: ArrayBuffer | null = null;
  constructor(context_id: u32, root: Root) {
    super(context_id, root);
  }
  onRequestHeaders(a: u32, end_of_stream: bool): FilterHeadersStatusValues {
    const root = this.root_context as Root;
    root.waiting.push(root.counter.define());
    root.counter.increment(1);
    const path = property("request\0path");
    stream_context.headers.request.add("x-path", path === null ? "null" : String.UTF8.decode(path!) + " " + path!.byteLength.toString());
    stream_context.headers.request.add("x-nothing", property("no\0such") === null ? "null" : "something");
    stream_context.headers.request.add("x-waiting", root.waiting.join(",") + " " + root.counter.id.toString() + " " + root.level.typ);
    this.kept = path;
    return FilterHeadersStatusValues.Continue;
  }
  onRequestBody(size: usize, end_of_stream: bool): FilterDataStatusValues {
    if (size == 0) return FilterDataStatusValues.Continue;
    // The host's memory of this callback must not be that of what is kept.
    for (let i = 0; i < 40; i++) body(0, <u32>size);
    log(LogLevelValues.info, "body " + body(0, <u32>size) + ", " + declared(<u32>size));
    return FilterDataStatusValues.Continue;
  }
  onResponseHeaders(a: u32, end_of_stream: bool): FilterHeadersStatusValues {
    const kept = this.kept;
    stream_context.headers.response.add("x-kept", kept === null ? "null" : String.UTF8.decode(kept!));
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => new Root(context_id), "own");
