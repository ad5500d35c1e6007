// In the style of Higress' plugins.
export * from "@higress/proxy-wasm-assemblyscript-sdk/assembly/proxy";

import { FilterHeadersStatusValues, stream_context } from "@higress/proxy-wasm-assemblyscript-sdk/assembly";
import { Http, handlers, SetCtx } from "./wrapper";

class Words {
  constructor(public text: string) {}
}

class Kept {
  constructor(public id: string) {}
}

SetCtx<Words>("wrapped", [handlers<Words>(parse, onRequest, onResponse)]);

function parse(text: string): Words {
  return new Words("configured " + text);
}

function onRequest(http: Http, config: Words): FilterHeadersStatusValues {
  stream_context.headers.request.add("x-words", config.text);
  const kept = new Kept("kept for " + stream_context.headers.request.get("x-id"));
  http.SetContext("kept", changetype<usize>(kept));
  keep<Kept>(http, "kept apart", new Kept("kept apart for " + stream_context.headers.request.get("x-id")));
  return FilterHeadersStatusValues.Continue;
}

function keep<T>(http: Http, key: string, value: T): void {
  const address = changetype<usize>(value);
  http.SetContext(key, address);
}

function onResponse(http: Http, config: Words): FilterHeadersStatusValues {
  // Something in the place of what was freed, if it was.
  for (let i = 0; i < 20; i++) new Kept("another " + i.toString());
  stream_context.headers.response.add("x-kept", changetype<Kept>(http.GetContext("kept")).id);
  stream_context.headers.response.add("x-kept-apart", changetype<Kept>(http.GetContext("kept apart")).id);
  return FilterHeadersStatusValues.Continue;
}
