// What else the API of @solo-io/proxy-runtime has: bodies, all headers at once, properties, metrics, a timer, the life of contexts.
export * from "@solo-io/proxy-runtime/proxy";

import {
  Context,
  Counter,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  Gauge,
  GrpcStatusValues,
  HeaderPair,
  Headers,
  LogLevelValues,
  log,
  RootContext,
  registerRootContext,
  send_local_response,
  stream_context,
} from "@solo-io/proxy-runtime";
import {
  BufferTypeValues,
  get_buffer_bytes,
  get_property,
  set_property,
  set_tick_period_milliseconds,
} from "@solo-io/proxy-runtime/runtime";

function say(text: string): void {
  log(LogLevelValues.info, text);
}

function pair(name: string, value: string): HeaderPair {
  return new HeaderPair(String.UTF8.encode(name), String.UTF8.encode(value));
}

class Plugin extends RootContext {
  ticks: i32 = 0;

  onStart(size: usize): bool {
    say("start");
    return super.onStart(size);
  }

  onConfigure(size: u32): bool {
    const good = super.onConfigure(size);
    say("configured " + this.getConfiguration());
    set_tick_period_milliseconds(50);
    return good;
  }

  onTick(): void {
    set_tick_period_milliseconds(0);
    this.ticks++;
    say("tick " + this.ticks.toString());
  }

  createContext(id: u32): Context {
    return new Stream(id, this);
  }
}

class Stream extends Context {
  path: string = "";
  chunks: i32 = 0;

  constructor(id: u32, plugin: Plugin) {
    super(id, plugin);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const headers = stream_context.headers.request;
    this.path = headers.get(":path");
    const counter = new Counter("more_requests");
    counter.increment(2);
    const gauge = new Gauge("more_level");
    gauge.record(gauge.metric_id, 7);
    say("headers " + this.path + " end " + end.toString() + " host " + headers.get("host"));
    const all = headers.get_headers();
    for (let i = 0; i < all.length; i++) {
      const name = String.UTF8.decode(all[i].key);
      if (name.startsWith("x-in")) say("pair " + name + "=" + String.UTF8.decode(all[i].value));
    }
    say("method " + String.UTF8.decode(get_property("request\0method")));
    set_property("mine", String.UTF8.encode("kept"));
    if (this.path == "/local") {
      const more: Headers = [pair("x-local", "1"), pair("x-local", "2")];
      send_local_response(418, "teapot", String.UTF8.encode("short and stout"), more, GrpcStatusValues.InvalidCode);
      return FilterHeadersStatusValues.StopIteration;
    }
    headers.add("x-twice", "1");
    headers.add("x-twice", "2");
    headers.replace("x-in-first", "replaced");
    headers.remove("x-in-second");
    say("after " + headers.get("x-in-first") + " [" + headers.get("x-in-second") + "] " + headers.get("x-twice"));
    return FilterHeadersStatusValues.Continue;
  }

  onRequestBody(size: usize, end: bool): FilterDataStatusValues {
    if (!end) return FilterDataStatusValues.StopIterationAndBuffer;
    say("body " + String.UTF8.decode(get_buffer_bytes(BufferTypeValues.HttpRequestBody, 0, size as u32)));
    return FilterDataStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const headers = stream_context.headers.response;
    headers.add("x-kept", String.UTF8.decode(get_property("mine")));
    say("response " + headers.get(":status") + " for " + this.path);
    return FilterHeadersStatusValues.Continue;
  }

  onResponseBody(size: usize, end: bool): FilterDataStatusValues {
    this.chunks++;
    return FilterDataStatusValues.Continue;
  }

  onLog(): void {
    say("log " + this.path);
  }

  onDone(): bool {
    say("done " + (this.chunks > 0 ? "with a body" : "without"));
    return super.onDone();
  }

  onDelete(): void {
    say("delete");
    super.onDelete();
  }
}

registerRootContext((id: u32) => new Plugin(id), "other");
