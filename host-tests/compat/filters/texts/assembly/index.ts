/** Answers, for each line `text|search|start` of a request's body, where it finds what. */
export * from "@solo-io/proxy-runtime/proxy";

import {
  BufferTypeValues,
  Context,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  GrpcStatusValues,
  get_buffer_bytes,
  RootContext,
  registerRootContext,
  send_local_response,
} from "@solo-io/proxy-runtime";

class Root extends RootContext {
  createContext(context_id: u32): Context {
    return new Texts(context_id, this);
  }
}

class Texts extends Context {
  onRequestHeaders(a: u32, end_of_stream: bool): FilterHeadersStatusValues {
    return end_of_stream ? FilterHeadersStatusValues.Continue : FilterHeadersStatusValues.StopIteration;
  }
  onRequestBody(size: usize, end_of_stream: bool): FilterDataStatusValues {
    if (!end_of_stream) return FilterDataStatusValues.StopIterationAndBuffer;
    const lines = String.UTF8.decode(get_buffer_bytes(BufferTypeValues.HttpRequestBody, 0, <u32>size)).split("\n");
    const answers: string[] = [];
    for (let i = 0; i < lines.length; i++) {
      const fields = lines[i].split("|");
      answers.push(look(fields[0], fields[1], <i32>parseInt(fields[2])));
    }
    send_local_response(200, "looked", String.UTF8.encode(answers.join("\n")), [], GrpcStatusValues.Ok);
    return FilterDataStatusValues.StopIterationNoBuffer;
  }
}

function look(text: string, search: string, start: i32): string {
  const order = text < search ? -1 : text > search ? 1 : 0;
  const found: i32[] = [text.indexOf(search, start), text.lastIndexOf(search, start), text.split(search).length, order];
  const holds: bool[] = [text.includes(search), text.startsWith(search, start), text.endsWith(search), text == search];
  return `${found.join(" ")} ${holds.join(" ")} ${text.replaceAll(search, "-")}`;
}

registerRootContext((context_id: u32) => new Root(context_id), "texts");
