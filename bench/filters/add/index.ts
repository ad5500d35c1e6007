/** Adds one header to every request. */
import { HeadersStatus, HttpContext, registerHttpFilter } from "../../../assembly/index";

class Add extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.requestHeaders.add("x-bench", "1");
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<Add>("bench");
