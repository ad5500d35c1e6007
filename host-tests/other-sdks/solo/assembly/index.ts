// A filter on @solo-io/proxy-runtime: adds headers to requests and responses, asks a cluster when the client wants it to, and logs what it does.
export * from "@solo-io/proxy-runtime/proxy";

import {
  Context,
  FilterHeadersStatusValues,
  GrpcStatusValues,
  HeaderPair,
  Headers,
  LogLevelValues,
  log,
  RootContext,
  registerRootContext,
  send_local_response,
  stream_context,
  WasmResultValues,
} from "@solo-io/proxy-runtime";
import { BufferTypeValues, get_buffer_bytes } from "@solo-io/proxy-runtime/runtime";

function say(text: string): void {
  log(LogLevelValues.info, text);
}

function pair(name: string, value: string): HeaderPair {
  return new HeaderPair(String.UTF8.encode(name), String.UTF8.encode(value));
}

class Plugin extends RootContext {
  createContext(id: u32): Context {
    return new Stream(id, this);
  }

  onConfigure(size: u32): bool {
    const good = super.onConfigure(size);
    say("configured " + this.getConfiguration());
    return good && this.getConfiguration() != "refused";
  }
}

class Stream extends Context {
  constructor(id: u32, plugin: Plugin) {
    super(id, plugin);
  }

  onRequestHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    const headers = stream_context.headers.request;
    const path = headers.get(":path");
    say("request " + path);
    headers.replace("x-replaced", "by solo");
    headers.remove("x-removed");
    headers.add("x-request", this.root_context.getConfiguration());
    const cluster = headers.get("x-ask");
    if (cluster == "") return FilterHeadersStatusValues.Continue;
    const pairs: Headers = [pair(":method", "GET"), pair(":path", path), pair(":authority", "answers")];
    const result = this.root_context.httpCall(
      cluster,
      pairs,
      new ArrayBuffer(0),
      [],
      5000,
      this,
      (origin: Context, headers: u32, size: usize, _trailers: u32) => {
        (origin as Stream).onAnswer(headers, size);
      },
    );
    if (result == WasmResultValues.Ok) return FilterHeadersStatusValues.StopIteration;
    say("not asked: " + result.toString());
    return FilterHeadersStatusValues.Continue;
  }

  onAnswer(headers: u32, size: usize): void {
    if (headers == 0) {
      say("no answer");
      send_local_response(504, "unanswered", String.UTF8.encode("nobody answered"), [pair("x-by", "solo")], GrpcStatusValues.InvalidCode);
      return;
    }
    const status = stream_context.headers.http_callback.get(":status");
    const bytes = get_buffer_bytes(BufferTypeValues.HttpCallResponseBody, 0, size as u32);
    const body = String.UTF8.decode(bytes);
    say("answered " + status + " " + body);
    if (status == "200") {
      stream_context.headers.request.add("x-answer", body);
      this.continueRequest();
    } else {
      send_local_response(403, "denied", bytes, [pair("x-by", "solo")], GrpcStatusValues.InvalidCode);
    }
  }

  onResponseHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    stream_context.headers.response.add("x-response", this.root_context.getConfiguration());
    say("response " + stream_context.headers.response.get(":status"));
    return FilterHeadersStatusValues.Continue;
  }

  onLog(): void {
    say("logged");
  }
}

registerRootContext((id: u32) => new Plugin(id), "other");
