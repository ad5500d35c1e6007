// In the style of filters for Kong's gateway: properties by the names of its host, all of them text.
export * from "@kong/proxy-wasm-sdk/assembly/proxy";

import {
  Context,
  FilterHeadersStatusValues,
  get_property,
  RootContext,
  registerRootContext,
  set_property,
  stream_context,
} from "@kong/proxy-wasm-sdk/assembly";

class Gateway extends RootContext {
  createContext(id: u32): Context {
    return new Asking(id, this);
  }
}

/** `name=value` for each of the names, which come in the request. */
function tell(names: string): string {
  const told: string[] = [];
  const list = names.split(" ");
  for (let i = 0; i < list.length; i++) told.push(list[i] + "=" + String.UTF8.decode(get_property(list[i])));
  return told.join(" ");
}

class Asking extends Context {
  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    set_property("ngx.my_variable", String.UTF8.encode("mine"));
    stream_context.headers.request.add("x-told", tell(stream_context.headers.request.get("x-ask")));
    stream_context.headers.request.add("x-method-by-envoy", String.UTF8.decode(get_property("request\0method")));
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    stream_context.headers.response.add(
      "x-told",
      tell("ngx.status response.code kong.response.status request.path ngx.arg_c ngx.my_variable"),
    );
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Gateway(id), "gateway");
