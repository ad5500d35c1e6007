import { HeadersStatus, HttpContextOf, registerConfiguredHttpFilter } from "../../sdk/index";
import { writeAttributes } from "../span-attributes/filter";
import { propagate } from "../trace-context/filter";
import { MeshTelemetryPlugin } from "./config";

/** Span attributes and trace context in one pass over the headers. The trace comes first: baggage is cleaned before it is added to. */
class MeshTelemetry extends HttpContextOf<MeshTelemetryPlugin> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const plugin = this.plugin;
    const headers = this.requestHeaders;
    const wanted = plugin.attributes.isWanted(headers);
    propagate(plugin.trace, headers);
    writeAttributes(plugin.attributes, headers, wanted);
    return HeadersStatus.Continue;
  }
}
registerConfiguredHttpFilter<MeshTelemetryPlugin, MeshTelemetry>("mesh-telemetry");
