import { PluginContext } from "../../sdk/index";
import { Config } from "../../std/config";
import { SpanAttributesSettings } from "../span-attributes/config";
import { TraceContextSettings } from "../trace-context/settings";

/** Both filters' settings, each under its own key; a key that is left out means that filter's defaults. */
export class MeshTelemetryPlugin extends PluginContext {
  attributes: SpanAttributesSettings = new SpanAttributesSettings();
  trace: TraceContextSettings = new TraceContextSettings();

  onConfigure(): bool {
    const config: Config = this.readConfig("mesh-telemetry");
    if (config.root.allow(["span_attributes", "trace_context"])) {
      this.attributes = SpanAttributesSettings.read(config.root.get("span_attributes"));
      const trace = config.root.get("trace_context");
      this.trace = TraceContextSettings.read(trace, false);
      const exported = trace.get("export");
      if (exported.present)
        exported.problem("mesh-telemetry exports no spans; the filter trace-context does, with span_attributes in its export");
      const behind = trace.get("behind_tracer");
      if (behind.present) behind.problem("mesh-telemetry runs before the tracer; the filter trace-context can run behind it, in a cluster");
    }
    if (!config.ok) return this.refuse(config);
    this.attributes.begin();
    return true;
  }
}
