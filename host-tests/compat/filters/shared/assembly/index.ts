// Streams without state of their own, in the form of the SDK's examples: one context of each root context may serve them all.
export * from "@solo-io/proxy-runtime/proxy";

import {
  Context,
  ContextHelper,
  FilterHeadersStatusValues,
  RootContext,
  RootContextHelper,
  registerRootContext,
  stream_context,
} from "@solo-io/proxy-runtime";

class Root extends RootContext {
  label: string = "";

  onConfigure(): bool {
    this.label = this.getConfiguration();
    return this.label != "refused";
  }

  createContext(context_id: u32): Context {
    return ContextHelper.wrap(new Stream(context_id, this));
  }
}

class Stream extends Context {
  root: Root;

  constructor(context_id: u32, root: Root) {
    super(context_id, root);
    this.root = root;
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    stream_context.headers.request.add("x-saw", this.root.label);
    stream_context.headers.request.add("x-context", this.context_id.toString());
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    stream_context.headers.response.add("x-saw", this.root.label);
    stream_context.headers.response.add("x-context", this.context_id.toString());
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((context_id: u32) => RootContextHelper.wrap(new Root(context_id)), "shared");
registerRootContext((context_id: u32) => RootContextHelper.wrap(new Root(context_id)), "another");
