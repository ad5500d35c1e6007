// Text that is put together piece by piece, as filters do that change a body.
export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy";

import {
  BufferTypeValues,
  Context,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  get_buffer_bytes,
  RootContext,
  registerRootContext,
  set_buffer_bytes,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

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
    const headers = stream_context.headers.request;
    headers.remove("content-length");
    headers.add("x-kept", kept());
    headers.add("x-parts", parts("a,bc,,d"));
    headers.add("x-nested", nested());
    headers.add("x-empty", `[${empty()}]`);
    headers.add("x-given", given("start"));
    headers.add("x-characters", characters("ab"));
    headers.add("x-own-characters", ownCharacters());
    return FilterHeadersStatusValues.Continue;
  }

  onRequestBody(size: usize, end: bool): FilterDataStatusValues {
    if (!end) return FilterDataStatusValues.StopIterationAndBuffer;
    const text = String.UTF8.decode(get_buffer_bytes(BufferTypeValues.HttpRequestBody, 0, <u32>size));
    set_buffer_bytes(BufferTypeValues.HttpRequestBody, 0, <u32>size, String.UTF8.encode(escape(text)));
    return FilterDataStatusValues.Continue;
  }
}

function escape(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code == 60) out += "&lt;";
    else out = out + String.fromCharCode(code);
  }
  return out;
}

/** What was there before the loop, and between loops, stays as it was. */
function kept(): string {
  let text = "one";
  const before = text;
  for (let i = 0; i < 3; i++) text += "+";
  const between = text;
  let times = 0;
  while (times++ < 2) {
    text += "-";
  }
  const twice: string[] = [];
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 2; j++) text += ".";
    twice.push(text);
  }
  return `${before} ${between} ${text} ${twice.join(" ")}`;
}

/** A text that begins anew in the loop that reads it. */
function parts(text: string): string {
  const found: string[] = [];
  let part = "";
  for (let i = 0; i < text.length; i++) {
    if (text.charAt(i) == ",") {
      found.push(part);
      part = "";
    } else part += text.charAt(i);
  }
  found.push(part);
  return found.join("|");
}

function nested(): string {
  let out = "";
  for (let i = 0; i < 2; i++) {
    let line: string = "";
    let j = 0;
    do line += inner(j);
    while (++j < 3);
    if (i > 0) for (let k = 0; k < 2; k++) out += ";";
    out += line;
  }
  return out;
}

function inner(count: i32): string {
  let out = "";
  for (let i = 0; i < count; i++) out += "x";
  return out + ",";
}

function empty(): string {
  let out = "";
  for (let i = 0; i < 3; i++) out += "";
  return out;
}

function given(text: string): string {
  const before = text;
  for (let i = 0; i < 3; i++) text = text + (i + 1).toString() + ("-" + "");
  return before + " " + text;
}

const HEX = "0123456789abcdef";

/** Characters by number, from another text, and from places where it has none. */
function characters(text: string): string {
  const before = text;
  for (let i = -1; i < 3; i++) text += before.charAt(i);
  let hex = "";
  for (let i = 10; i < 300; i += 95) hex += "%" + HEX.charAt((i >> 4) & 15) + HEX.charAt(i & 15) + String.fromCharCode(65 + (i & 3));
  let none = before;
  for (let i = 0; i < 2; i++) {
    none += "".charAt(i);
    if (i == 0) none = none + HEX.charAt(3) + "-";
  }
  return before + " " + text + " " + hex + " " + none;
}

/** What is no text may have a method of that name, too. */
class Marks {
  charAt(index: i32): string {
    return "<" + index.toString() + ">";
  }
}

function ownCharacters(): string {
  const marks = new Marks();
  let out = "";
  for (let i = 0; i < 3; i++) out += marks.charAt(i);
  return out;
}

registerRootContext((id: u32) => new Root(id), "appends");
