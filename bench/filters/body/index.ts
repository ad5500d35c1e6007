/** Is told of each piece of a request's body, and looks at none of them. */
import { DataStatus, HeadersStatus, HttpContext, registerHttpFilter } from "../../../assembly/index";

class BodyCallback extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    return HeadersStatus.Continue;
  }

  onRequestBody(size: u32, endOfStream: bool): DataStatus {
    return DataStatus.Continue;
  }
}
registerHttpFilter<BodyCallback>("bench");
