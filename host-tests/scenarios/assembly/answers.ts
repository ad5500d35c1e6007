/** Answers by itself, with what the request asks for, or leaves it to the upstream. */
import { HeadersStatus, HttpContext, registerHttpFilter } from "../../../assembly/index";

class Stream extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const status = this.requestHeaders.get("x-answer");
    if (status == null) return HeadersStatus.Continue;
    const grpc = this.requestHeaders.get("x-answer-grpc");
    this.sendLocalResponse(<u32>parseInt(status), "of the filter", null, grpc == null ? -1 : <i32>parseInt(grpc));
    return HeadersStatus.StopIteration;
  }
}
registerHttpFilter<Stream>("answers");
