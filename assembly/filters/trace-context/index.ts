import { HeadersStatus, HttpContextOf, registerConfiguredHttpFilter } from "../../sdk/index";
import { TraceContextPlugin } from "./config";
import { propagate } from "./filter";

class TraceContext extends HttpContextOf<TraceContextPlugin> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    propagate(this.plugin.settings, this.requestHeaders);
    return HeadersStatus.Continue;
  }
}
registerConfiguredHttpFilter<TraceContextPlugin, TraceContext>("trace-context");
