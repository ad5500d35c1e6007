import { ConfigValue } from "../../std/config";

/** What `trace-context` is told: see README.md and config.schema.json beside this file. */
export class TraceContextSettings {
  /** Write a new parent-id at this hop. */
  renew: bool = false;
  /** Take the trace that the caller brings; otherwise start a new one. */
  trusted: bool = true;
  /** Runs upstream of Envoy's tracer, which has written the headers before. */
  behindTracer: bool = false;
  /** Any of the following. */
  exposes: bool = false;
  exposeTraceId: bool = false;
  exposeSpanId: bool = false;
  exposeSampled: bool = false;
  /** A trace that starts here is sampled when the last 56 bits of its id are at least this. */
  threshold: u64 = 0;
  /** The same for the header tracestate; empty where all traces are sampled, or none. */
  tracestate: StaticArray<u8> = [];

  /** `exporting` tells that this filter exports the span of each request. */
  static read(value: ConfigValue, exporting: bool): TraceContextSettings {
    const settings = new TraceContextSettings();
    if (!value.allow(["parent_id", "trust", "expose", "behind_tracer", "export"])) return settings;
    const parentId = value.get("parent_id");
    const choice = parentId.oneOf(["auto", "renew", "keep"]);
    // Where this filter exports the span, the span needs an id of its own; where it does not, a valid parent-id is kept.
    settings.renew = choice == "renew" || exporting;
    settings.trusted = value.get("trust").oneOf(["all", "none"]) == "all";
    const expose = value.get("expose").items();
    settings.exposes = expose.length > 0;
    for (let i = 0; i < expose.length; i++) {
      const what = expose[i].oneOf(["trace_id", "span_id", "sampled"]);
      if (what == "trace_id") settings.exposeTraceId = true;
      else if (what == "span_id") settings.exposeSpanId = true;
      else settings.exposeSampled = true;
    }
    settings.behindTracer = value.get("behind_tracer").boolean(false);
    if (settings.behindTracer && (exporting || settings.renew || !settings.trusted || expose.length > 0)) {
      value.get("behind_tracer").problem("the tracer decides about trace and span, so nothing else can be set beside it");
    }
    if (choice == "keep" && exporting) parentId.expected('"auto" or "renew" beside export: the exported span has an id of its own');
    return settings;
  }
}
