// Does what fails on @solo-io/proxy-runtime and its descendants; the request's header x-do says what.
export * from "@solo-io/proxy-runtime/proxy";

import {
  BufferTypeValues,
  Context,
  Counter,
  call_foreign_function,
  clear_route_cache,
  FilterHeadersStatusValues,
  Gauge,
  get_buffer_bytes,
  get_header_map_value,
  get_metric,
  get_property,
  get_status,
  grpc_call,
  grpc_send,
  grpc_stream,
  HeaderMapTypeValues,
  Headers,
  LogLevelValues,
  log,
  makeHeaderPair,
  RootContext,
  registerRootContext,
  set_tick_period_milliseconds,
  stream_context,
  WasmResultValues,
} from "@solo-io/proxy-runtime";

// In the originals a hostcall here ends Envoy.
log(LogLevelValues.info, "started");
const requests = new Counter("defects_requests");
const level = new Gauge("defects_level");

function say(text: string): void {
  log(LogLevelValues.info, text);
}

function text(bytes: ArrayBuffer): string {
  return String.UTF8.decode(bytes);
}

class Root extends RootContext {
  asking: Stream | null = null;
  heard: string = "";
  ticks: i32 = 0;

  createContext(id: u32): Context {
    return new Stream(id, this);
  }

  onConfigure(size: u32): bool {
    super.onConfigure(size);
    return this.getConfiguration() != "refused";
  }

  // Waits for a last tick.
  onDone(): bool {
    if (this.getConfiguration() != "deferred") return super.onDone();
    say("deferred");
    set_tick_period_milliseconds(20);
    return false;
  }

  onTick(): void {
    set_tick_period_milliseconds(0);
    say("finished");
    this.done();
  }

  onDelete(): void {
    say("deleted " + this.getConfiguration());
  }

  on_grpc_receive_initial_metadata(token: u32, headers: u32): void {
    const key = String.UTF8.encode("x-initial");
    this.heard += "initial " + text(get_header_map_value(HeaderMapTypeValues.GrpcReceiveInitialMetadata, key)) + "; ";
  }

  on_grpc_receive(token: u32, response_size: u32): void {
    this.heard += "message " + text(get_buffer_bytes(BufferTypeValues.GrpcReceiveBuffer, 0, response_size)) + "; ";
    // A unary call ends with its answer.
    if (!(this.asking as Stream).streams) this.answer("answered");
  }

  on_grpc_trailing_metadata(token: u32, trailers: u32): void {
    const key = String.UTF8.encode("x-trailing");
    this.heard += "trailing " + text(get_header_map_value(HeaderMapTypeValues.GrpcReceiveTrailingMetadata, key)) + "; ";
  }

  on_grpc_close(token: u32, status_code: u32): void {
    this.answer("closed " + status_code.toString() + " " + text(get_status().data));
  }

  private answer(last: string): void {
    const stream = this.asking;
    if (stream == null) return;
    this.asking = null;
    stream.setEffectiveContext();
    stream_context.headers.request.add("x-saw", this.heard + last);
    stream.continueRequest();
  }
}

class Note {
  constructor(public words: string) {}
}

class Stream extends Context {
  streams: bool = false;
  note: Note | null = null;

  constructor(id: u32, root: Root) {
    super(id, root);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    requests.increment(1);
    const headers = stream_context.headers.request;
    const what = headers.get("x-do");
    if (what == "who") {
      headers.add("x-saw", this.root_context.getConfiguration());
    } else if (what == "user") {
      headers.add("x-saw", headers.get("x-user-id") == "admin" ? "admin" : "somebody else");
    } else if (what == "absent") {
      headers.add("x-saw", get_property("no.such").byteLength.toString() + headers.get("x-absent"));
      call_foreign_function("no such function", "");
      // Of the other direction: refused by the host.
      stream_context.headers.response.replace("x-a", "b");
      headers.add("x-saw", "still here");
    } else if (what == "metric") {
      level.record(level.metric_id, 42);
      const first = get_metric(level.metric_id).data;
      const second = get_metric(level.metric_id).data;
      headers.add("x-saw", first.toString() + " " + second.toString());
    } else if (what == "route") {
      headers.add("x-route", "other");
      clear_route_cache();
    } else if (what == "pair") {
      headers.add("x-saw", makeHeaderPair("a", "b").toString());
    } else if (what == "note") {
      this.note = new Note("kept for " + headers.get("x-id"));
    } else if (what == "slow") {
      this.ask("/slow");
      return FilterHeadersStatusValues.StopIteration;
    } else if (what == "grpc" || what == "grpc-stream") {
      return this.askGrpc(what == "grpc-stream");
    }
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const note = this.note;
    if (note != null) stream_context.headers.response.add("x-note", note.words);
    return FilterHeadersStatusValues.Continue;
  }

  private ask(path: string): void {
    const pairs: Headers = [makeHeaderPair(":method", "GET"), makeHeaderPair(":path", path), makeHeaderPair(":authority", "answers")];
    this.root_context.httpCall("answers", pairs, new ArrayBuffer(0), [], 60000, this, (origin, headers, size, trailers) => {
      say("answered " + origin.context_id.toString());
      origin.continueRequest();
    });
  }

  private askGrpc(streams: bool): FilterHeadersStatusValues {
    const root = changetype<Root>(this.root_context);
    const service = String.UTF8.encode("grpc");
    const metadata: Headers = [makeHeaderPair("x-asked", "yes")];
    const question = String.UTF8.encode("hello");
    root.asking = this;
    root.heard = "";
    this.streams = streams;
    if (streams) {
      const stream = grpc_stream(service, "talk.Talk", "Talk", metadata);
      if (stream.result == WasmResultValues.Ok) grpc_send(stream.token, question, true);
    } else grpc_call(service, "talk.Talk", "Say", metadata, question, 5000);
    return FilterHeadersStatusValues.StopIteration;
  }
}

registerRootContext((id: u32) => new Root(id), "defects");
