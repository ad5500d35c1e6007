import { HeadersStatus, HttpContextOf, registerConfiguredHttpFilter } from "../../sdk/index";
import { SpanAttributesPlugin } from "./config";
import { writeAttributes } from "./filter";

class SpanAttributes extends HttpContextOf<SpanAttributesPlugin> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const settings = this.plugin.settings;
    writeAttributes(settings, this.requestHeaders, settings.isWanted(this.requestHeaders));
    return HeadersStatus.Continue;
  }
}
registerConfiguredHttpFilter<SpanAttributesPlugin, SpanAttributes>("span-attributes");
