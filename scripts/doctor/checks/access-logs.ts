import { stringify } from "yaml";
import type { Check } from "../check.ts";
import { tracingOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { stateKeys, traceIdIn } from "../formats.ts";
import { asObject, asObjects, asTexts, isOfType, type Json } from "../json.ts";
import { carriesTraffic, type Manager, type ProxyConfig } from "../proxy.ts";
import { isWithoutTracesOnPurpose } from "../purpose.ts";
import { traceSettings } from "../wasm-plugin.ts";
import { writtenState } from "./span-tags.ts";

const CHANGE = stringify({ log_format: { json_format: { trace_id: "%TRACE_ID%", traceparent: "%REQ(TRACEPARENT)%" } } });
const TEXT_LOGS = ["FileAccessLog", "StdoutAccessLog", "StderrAccessLog"];

/** From a line of the log to its trace. */
export const accessLogs: Check = ({ proxy }) => proxy.managers.filter(carriesTraffic).flatMap(manager => checkLogs(manager, proxy));

function checkLogs(manager: Manager, proxy: ProxyConfig): Report[] {
  const logs = asObjects(manager.config.access_log).map(({ typed_config }) => asObject(typed_config));
  if (logs.length === 0) {
    const mend = "add an access log (Istio: accessLogging in Telemetry, or meshConfig.accessLogFile)";
    const type = "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog";
    const log = {
      name: "envoy.access_loggers.stdout",
      typed_config: { "@type": type, log_format: { json_format: { trace_id: "%TRACE_ID%" } } },
    };
    return [
      { id: "log-missing", where: manager.where, found: "no access log", mend, change: stringify({ access_log: [log] }, { lineWidth: 0 }) },
    ];
  }
  // OTLP logs and Envoy's own gRPC logs carry the ids in fields of their own.
  return logs.filter(log => TEXT_LOGS.some(type => isOfType(log, type))).flatMap(log => checkLog(log, manager, proxy));
}

function checkLog(log: Json, manager: Manager, proxy: ProxyConfig): Report[] {
  const format = JSON.stringify(log);
  const { ofTracer, inHeader, inState } = traceIdIn(format);
  const where = `${manager.where}, access_log`;
  if (!ofTracer && !inHeader && !inState) {
    const mend = "add the trace id to the format (Istio: meshConfig.accessLogFormat, or an extensionProvider with labels)";
    const found =
      log.log_format || log.json_format || log.format ? "no field with the trace id" : "Envoy's default format, which has no trace id";
    const severity = isWithoutTracesOnPurpose(proxy) ? "info" : "error";
    return [{ id: "log-trace-id-missing", severity, where, found, mend, change: CHANGE }];
  }
  const empty = emptyTraceId({ ofTracer, inHeader, inState }, manager, proxy);
  const written = writtenState(manager);
  const unset = stateKeys(format).filter(({ key }) => key.startsWith("wasm.span.attributes.") && written !== null && !written.has(key));
  return [
    ...(empty ? [{ id: "log-trace-id-empty" as const, where, ...empty }] : []),
    ...unset.map(({ key }) => ({
      id: "span-tag-unset" as const,
      where,
      found: `the log reads ${key}, which no filter of this chain writes`,
      mend: "add the attribute to the configuration of span-attributes or mesh-telemetry, or take the field away",
    })),
  ];
}

function emptyTraceId(
  log: ReturnType<typeof traceIdIn>,
  manager: Manager,
  proxy: ProxyConfig,
): Pick<Report, "found" | "mend" | "change"> | null {
  const { provider, renewing, exporting } = tracingOf(manager, proxy);
  const exposed = manager.filters.length > 0 && exposes(manager, proxy);
  if ((log.ofTracer && provider) || log.inHeader || (log.inState && exposed)) return null;
  if (log.inState) {
    const found = "the log reads wasm.trace_context.trace_id, and no trace-context of this chain exposes it";
    const mend = provider ? "Envoy's tracer has the id that is exported" : "let the filter expose it";
    const change = provider ? CHANGE : stringify({ expose: ["trace_id", "span_id"] });
    return { found, mend, change };
  }
  const found = "the log has %TRACE_ID%, which is that of Envoy's tracer, and none runs here";
  const isOurs = renewing.length + exporting.length > 0;
  const mend = isOurs ? "read the id from the header that trace-context writes" : "add a tracer, or read the header that comes in";
  return { found, mend, change: stringify({ log_format: { json_format: { traceparent: "%REQ(TRACEPARENT)%" } } }) };
}

function exposes(manager: Manager, proxy: ProxyConfig): boolean {
  const { renewing, exporting } = tracingOf(manager, proxy);
  const plugins = [...renewing, ...exporting];
  return plugins.some(plugin => asTexts(traceSettings(plugin)?.expose).includes("trace_id"));
}
