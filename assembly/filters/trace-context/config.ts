import { HttpContext } from "../../sdk/index";
import { ExportSettings } from "./export-settings";
import { Exporter, ExportingPlugin } from "./exporter";
import { keepsListenerKind } from "./listener-kind";
import { TraceContextSettings } from "./settings";
import { SpanKind } from "./span-record";
import { ExportingTraceContext, TraceContext } from "./streams";

export class TraceContextPlugin extends ExportingPlugin {
  settings: TraceContextSettings = new TraceContextSettings();
  export: ExportSettings | null = null;

  onConfigure(): bool {
    const config = this.readConfig("trace-context");
    const exported = ExportSettings.read(config.root.get("export"));
    this.settings = TraceContextSettings.read(config.root, exported != null);
    if (!config.ok) return this.refuse(config);
    this.export = exported;
    if (exported != null) {
      this.settings.threshold = exported.threshold;
      this.settings.tracestate = exported.tracestate;
      exported.keepsKind = exported.kind == SpanKind.Auto && keepsListenerKind();
      this.exporter = new Exporter(this, exported);
      this.setTickPeriod(exported.intervalMs);
    }
    return true;
  }

  createHttpContext(): HttpContext | null {
    return this.export == null ? new TraceContext() : new ExportingTraceContext();
  }

  onTick(): void {
    const exporter = this.exporter;
    if (exporter != null) exporter.flush();
  }

  onDone(): bool {
    const exporter = this.exporter;
    return exporter == null || exporter.end();
  }
}
