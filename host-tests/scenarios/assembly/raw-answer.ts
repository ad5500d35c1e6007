/** Answers 204 with a body by the bare hostcall, as other SDKs let a filter do. */
import { proxy_send_local_response } from "../../../assembly/abi/hostcalls";
import { HeadersStatus, HttpContext, registerHttpFilter } from "../../../assembly/index";

const BODY = memory.data<u8>([110, 111, 116, 104, 105, 110, 103]);

class Stream extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    proxy_send_local_response(204, 0, 0, BODY, 7, 0, 0, -1);
    return HeadersStatus.StopIteration;
  }
}
registerHttpFilter<Stream>("raw-answer");
