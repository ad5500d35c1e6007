// In the style of plugins for Higress' wrapper: a stream is made the effective one before each header that is asked for.
export * from "@higress/proxy-wasm-assemblyscript-sdk/assembly/proxy";

import {
  Context,
  continue_request,
  FilterHeadersStatusValues,
  proxy_set_effective_context,
  RootContext,
  registerRootContext,
  stream_context,
} from "@higress/proxy-wasm-assemblyscript-sdk/assembly";

class Streams extends RootContext {
  waiting: u32 = 0;

  createContext(id: u32): Context {
    return new Asking(id, this);
  }
}

/** A header of stream `id`. */
function headerOf(id: u32, name: string): string {
  proxy_set_effective_context(id);
  return stream_context.headers.request.get(name);
}

/** What is known of the request of stream `id`. */
function tell(id: u32): string {
  return headerOf(id, ":method") + " " + headerOf(id, ":path") + " " + headerOf(id, "x-user");
}

class Asking extends Context {
  id: u32;

  constructor(
    id: u32,
    public root: Streams,
  ) {
    super(id, root);
    this.id = id;
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    let seen = tell(this.id);
    if (headerOf(this.id, ":path") == "/wait") {
      stream_context.headers.request.add("x-seen", seen);
      this.root.waiting = this.id;
      return FilterHeadersStatusValues.StopIteration;
    }
    const waiting = this.root.waiting;
    if (waiting != 0) {
      this.root.waiting = 0;
      seen += ", " + tell(waiting);
      continue_request();
      seen += ", " + tell(this.id);
    }
    stream_context.headers.request.add("x-seen", seen);
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Streams(id), "effective");
