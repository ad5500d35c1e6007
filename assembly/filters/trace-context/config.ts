import { PluginContext } from "../../sdk/index";
import { ConfigValue } from "../../std/config";

/** What `trace-context` is told: see README.md and config.schema.json beside this file. */
export class TraceContextSettings {
  /** Write a new parent-id at this hop. */
  renew: bool = false;
  /** Take the trace that the caller brings; otherwise start a new one. */
  trusted: bool = true;
  exposeTraceId: bool = false;
  exposeSpanId: bool = false;
  exposeSampled: bool = false;

  static read(value: ConfigValue): TraceContextSettings {
    const settings = new TraceContextSettings();
    if (!value.allow(["parent_id", "trust", "expose"])) return settings;
    // `auto` renews where this filter exports the span; it exports none, so a valid parent-id is kept.
    settings.renew = value.get("parent_id").oneOf(["auto", "renew", "keep"]) == "renew";
    settings.trusted = value.get("trust").oneOf(["all", "none"]) == "all";
    const expose = value.get("expose").items();
    for (let i = 0; i < expose.length; i++) {
      const what = expose[i].oneOf(["trace_id", "span_id", "sampled"]);
      if (what == "trace_id") settings.exposeTraceId = true;
      else if (what == "span_id") settings.exposeSpanId = true;
      else settings.exposeSampled = true;
    }
    return settings;
  }
}

export class TraceContextPlugin extends PluginContext {
  settings: TraceContextSettings = new TraceContextSettings();

  onConfigure(): bool {
    const config = this.readConfig("trace-context");
    this.settings = TraceContextSettings.read(config.root);
    return config.ok || this.refuse(config);
  }
}
