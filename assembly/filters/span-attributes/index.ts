import { HeadersStatus, HttpContextOf, registerConfiguredHttpFilter } from "../../sdk/index";
import { SpanAttributesPlugin } from "./config";
import { writeAttributes } from "./filter";

class SpanAttributes extends HttpContextOf<SpanAttributesPlugin> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    writeAttributes(this.plugin.settings, this.requestHeaders);
    return HeadersStatus.Continue;
  }
}
registerConfiguredHttpFilter<SpanAttributesPlugin, SpanAttributes>("span-attributes");
