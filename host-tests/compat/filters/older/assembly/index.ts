/** In the style of 0.1.2 to 0.1.7: callbacks get the context's number and go on by themselves, and what nobody has set is null. */
export * from "@solo-io/proxy-runtime/proxy";

import {
  Context,
  ContextHelper,
  FilterHeadersStatusValues,
  HeaderPair,
  Headers,
  LogLevelValues,
  log,
  proxy_set_effective_context,
  RootContext,
  RootContextHelper,
  registerRootContext,
  stream_context,
} from "@solo-io/proxy-runtime";
import { getContext } from "@solo-io/proxy-runtime/runtime";
import { answered } from "./answer";

function pair(key: string, value: string): HeaderPair {
  let made = new HeaderPair();
  made.key = String.UTF8.encode(key);
  made.value = String.UTF8.encode(value);
  return made;
}

class Counts {
  private static only: Counts;
  calls: i32;
  static get(): Counts {
    if (!Counts.only) Counts.only = new Counts();
    return Counts.only;
  }
}

class Root extends RootContext {
  constructor(context_id: u32) {
    super(context_id);
  }
  createContext(context_id: u32): Context {
    return new ContextHelper<Stream>(new Stream(context_id, this));
  }
}

class Note {
  text: string = "";
}

class Stream extends Context {
  note: Note;
  constructor(context_id: u32, root_context: Root) {
    super(context_id, root_context);
  }
  static fixed(id: u32, headers: u32, size: usize, trailers: u32): void {
    getContext(id).setEffectiveContext(id);
    stream_context.headers.request.add("x-answer", "static");
  }
  onRequestHeaders(a: u32): FilterHeadersStatusValues {
    let kind = stream_context.headers.request.get("x-kind");
    let h: Headers = [pair(":method", "GET"), pair(":path", "/"), pair(":authority", "answers")];
    Counts.get().calls++;
    if (kind == "static") this.root_context.httpCall("answers", h, new ArrayBuffer(0), [], 1000, this.context_id, Stream.fixed);
    else if (kind == "imported") this.root_context.httpCall("answers", h, new ArrayBuffer(0), [], 1000, this.context_id, answered);
    else {
      this.note = new Note();
      this.note.text = "noted";
      this.root_context.httpCall(
        "answers",
        h,
        new ArrayBuffer(0),
        [],
        1000,
        this.context_id,
        (id: u32, headers: u32, size: usize, trailers: u32) => {
          log(LogLevelValues.info, "answer of " + size.toString());
          proxy_set_effective_context(id);
          stream_context.headers.request.add("x-answer", "here");
        },
      );
    }
    return FilterHeadersStatusValues.StopIteration;
  }
  onResponseHeaders(a: u32): FilterHeadersStatusValues {
    stream_context.headers.response.add("x-note", this.note ? this.note.text : "none");
    stream_context.headers.response.add("x-calls", Counts.get().calls.toString());
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => {
  return new RootContextHelper<Root>(new Root(context_id));
}, "older");
