// Changes the request's headers as its `x-changes` says (`set name value;add …;remove name`), and tells in the response which it still sees. With the
// configuration "next" it changes nothing.
export * from "@solo-io/proxy-runtime/proxy";

import { Context, FilterHeadersStatusValues, RootContext, registerRootContext, stream_context } from "@solo-io/proxy-runtime";

class Root extends RootContext {
  createContext(id: u32): Context {
    return new Stream(id, this);
  }
}

class Stream extends Context {
  constructor(id: u32, root: Root) {
    super(id, root);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const request = stream_context.headers.request;
    if (this.root_context.getConfiguration() == "next") return FilterHeadersStatusValues.Continue;
    const changes = request.get("x-changes").split(";");
    for (let i = 0; i < changes.length; i++) {
      const words = changes[i].split(" ");
      if (words[0] == "set") request.replace(words[1], words[2]);
      else if (words[0] == "add") request.add(words[1], words[2]);
      else if (words[0] == "remove") request.remove(words[1]);
    }
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const pairs = stream_context.headers.request.get_headers();
    let seen = "";
    for (let i = 0; i < pairs.length; i++) seen += String.UTF8.decode(pairs[i].key) + "=" + String.UTF8.decode(pairs[i].value) + "|";
    stream_context.headers.response.add("x-seen-by-" + this.root_context.getConfiguration(), seen);
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext(id => new Root(id), "changes");
