// Loops over a body that leave a text or an array in each round: in a field, by taking off the front, in closures, by recursion.
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

class Output {
  text: string = "";
  lines: string[] = [];

  put(part: string): void {
    this.text += part;
  }
}

class Stream extends Context {
  way: string = "";

  constructor(id: u32, root: Root) {
    super(id, root);
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    this.way = stream_context.headers.request.get("x-way");
    stream_context.headers.request.remove("content-length");
    return FilterHeadersStatusValues.Continue;
  }

  onRequestBody(size: usize, end: bool): FilterDataStatusValues {
    if (!end) return FilterDataStatusValues.StopIterationAndBuffer;
    const text = String.UTF8.decode(get_buffer_bytes(BufferTypeValues.HttpRequestBody, 0, <u32>size));
    set_buffer_bytes(BufferTypeValues.HttpRequestBody, 0, <u32>size, String.UTF8.encode(change(this.way, text)));
    return FilterDataStatusValues.Continue;
  }
}

function change(way: string, text: string): string {
  if (way == "field") return inField(text);
  if (way == "front") return fromFront(text);
  if (way == "closure") return inClosure(text);
  if (way == "recursion") return reversed(text);
  return `no way ${way}`;
}

/** What is there before, between and beside what the loop makes stays as it is. */
function inField(text: string): string {
  const output = new Output();
  const first = text.substring(0, 3).toUpperCase();
  const marks = new Map<string, Output>();
  for (let i = 0; i < text.length; i++) {
    output.put(text.charAt(i));
    if (i % 1000 == 0) {
      const mark = new Output();
      mark.put(`${first}${i}`);
      marks.set(`mark ${i}`, mark);
      output.lines.push(mark.text);
    }
  }
  const last = marks.get("mark 0");
  return `${last.text} ${output.lines.length} ${marks.size} ${output.text}`;
}

function fromFront(text: string): string {
  let rest = text;
  const words: string[] = [];
  while (rest.length > 0) {
    const space = rest.indexOf(" ");
    words.push(space < 0 ? rest : rest.substring(0, space));
    rest = space < 0 ? "" : rest.substring(space + 1);
  }
  return words.reverse().join(" ");
}

function inClosure(text: string): string {
  return text.split("").reduce<string>((all, one) => one + all, "");
}

/** Texts of half of the length at each level, many times over. */
function reversed(text: string): string {
  if (text.length < 2) return text;
  const middle = text.length / 2;
  const left = text.substring(0, middle);
  const right = text.substring(middle);
  return reversed(right) + reversed(left);
}

registerRootContext((id: u32) => new Root(id), "loops");
