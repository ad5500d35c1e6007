/** Lets every request pass. */
import { HeadersStatus, HttpContext, registerHttpFilter } from "../../../assembly/index";

class Empty extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<Empty>("bench");
