/** Numbers each piece of a body and writes it in capitals, without waiting for the rest. */
import { DataStatus, HeadersStatus, HttpContext, log, registerHttpFilter } from "../../../assembly/index";

class Stream extends HttpContext {
  private pieces: u32 = 0;

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.willChangeRequestBody();
    return HeadersStatus.Continue;
  }

  onRequestBody(bodySize: u32, endOfStream: bool): DataStatus {
    log.info("request " + bodySize.toString() + (endOfStream ? " end" : ""));
    if (bodySize == 0) return DataStatus.Continue;
    const text = this.requestBody.getText();
    this.requestBody.replace("[" + (++this.pieces).toString() + "]" + (text == null ? "" : text.toUpperCase()));
    return DataStatus.Continue;
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    this.pieces = 0;
    this.willChangeResponseBody();
    return HeadersStatus.Continue;
  }

  onResponseBody(bodySize: u32, endOfStream: bool): DataStatus {
    log.info("response " + bodySize.toString() + (endOfStream ? " end" : ""));
    if (bodySize == 0) return DataStatus.Continue;
    const text = this.responseBody.getText();
    this.responseBody.replace("<" + (++this.pieces).toString() + ">" + (text == null ? "" : text.toUpperCase()));
    return DataStatus.Continue;
  }
}
registerHttpFilter<Stream>("body-chunks");
