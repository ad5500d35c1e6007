// A filter on @gcoredev/proxy-wasm-sdk-as: adds headers to requests and responses, asks a cluster when the client wants it to, and logs what it does.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";

import {
  BaseContext,
  BufferTypeValues,
  Context,
  FilterHeadersStatusValues,
  get_buffer_bytes,
  LogLevelValues,
  log,
  makeHeaderPair,
  RootContext,
  registerRootContext,
  send_http_response,
  stream_context,
  WasmResultValues,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

function say(text: string): void {
  log(LogLevelValues.info, text);
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
  onRequestHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    const headers = stream_context.headers.request;
    const path = headers.get(":path");
    say("request " + path);
    headers.replace("x-replaced", "by gcore");
    headers.remove("x-removed");
    headers.add("x-request", this.root_context.getConfiguration());
    const cluster = headers.get("x-ask");
    if (cluster == "") return FilterHeadersStatusValues.Continue;
    const pairs = [makeHeaderPair(":method", "GET"), makeHeaderPair(":path", path), makeHeaderPair(":authority", "answers")];
    const result = this.root_context.httpCall(cluster, pairs, new ArrayBuffer(0), [], 5000, this, (origin, headers, size, _trailers) => {
      (origin as Stream).onAnswer(headers, size);
    });
    if (result == WasmResultValues.Ok) return FilterHeadersStatusValues.StopIteration;
    say("not asked: " + result.toString());
    return FilterHeadersStatusValues.Continue;
  }

  onAnswer(headers: u32, size: usize): void {
    if (headers == 0) {
      say("no answer");
      send_http_response(504, "unanswered", String.UTF8.encode("nobody answered"), [makeHeaderPair("x-by", "gcore")]);
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
      send_http_response(403, "denied", bytes, [makeHeaderPair("x-by", "gcore")]);
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

registerRootContext((id: u32) => new Plugin(id), "plugin");
