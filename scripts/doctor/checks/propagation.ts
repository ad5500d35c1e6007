import { stringify } from "yaml";
import type { Check } from "../check.ts";
import { tracingOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { asObject, asObjects, asText, asTexts, at, isOfType, type Json, objectsIn } from "../json.ts";
import { carriesTraffic, type Manager, type ProxyConfig } from "../proxy.ts";
import { traceSettings } from "../wasm-plugin.ts";

const HEADERS = ["traceparent", "tracestate"];

/** Whether the trace goes on behind this proxy. */
export const propagation: Check = ({ proxy }) => [
  ...proxy.managers.filter(carriesTraffic).flatMap(manager => checkManager(manager, proxy)),
  ...proxy.routes.flatMap(route => stripped(route, `route configuration ${asText(route.name)}`)),
];

function checkManager(manager: Manager, proxy: ProxyConfig): Report[] {
  const { where, config, direction } = manager;
  const { provider, renewing } = tracingOf(manager, proxy);
  // Envoy lists inline route configurations among the others, istioctl's list of listeners does not.
  const isListed = proxy.routes.some(({ name }) => name === asObject(config.route_config).name);
  const reports: Report[] = [...(isListed ? [] : stripped(config.route_config, where)), ...mutated(config, where)];
  if (!provider) return reports;
  const tracing = asObject(config.tracing);
  const typed = at(provider, "typed_config");
  if (tracing.no_context_propagation === true) {
    const found = "no_context_propagation: true; the tracer makes spans and tells nobody behind it";
    const mend = "take it away (Istio: disableContextPropagation in Telemetry), unless nobody behind this proxy may know the trace";
    reports.push({ id: "propagation-off", where: `${where}, tracing`, found, mend, change: stringify({ no_context_propagation: false }) });
  }
  if (isOfType(typed, "ZipkinConfig") && typed.trace_context_option !== "USE_B3_WITH_W3C_PROPAGATION") {
    const found =
      "Zipkin's tracer with trace_context_option USE_B3: it neither reads nor writes traceparent, so the trace breaks between it and everything that speaks W3C";
    const change = stringify({ trace_context_option: "USE_B3_WITH_W3C_PROPAGATION" });
    reports.push({
      id: "propagation-b3",
      where: `${where}, tracing.provider`,
      found,
      mend: "let it take part in both, or use the OpenTelemetry tracer",
      change,
    });
  }
  for (const plugin of renewing.filter(each => traceSettings(each)?.export === undefined)) {
    const found = `${plugin.name} writes traceparent (parent_id: renew), and Envoy's tracer overwrites it behind the filter`;
    const mend =
      "let one of both do it: parent_id auto beside a tracer; to correct what the tracer writes, put trace-context into the clusters with behind_tracer";
    const settings = { parent_id: "auto" };
    const change = stringify(plugin.own === "mesh-telemetry" ? { trace_context: settings } : settings);
    reports.push({ id: "traceparent-undone", where: plugin.filter.where, found, mend, change });
  }
  // A sidecar's two listeners make the two spans; a gateway has one listener for both.
  if (direction === "" && tracing.spawn_upstream_span !== true && proxy.managers.length === 1) {
    const found =
      "the only listener of a gateway, without a span for the call upstream; latency between this proxy and the next does not show";
    reports.push({
      id: "upstream-span-missing",
      where: `${where}, tracing`,
      found,
      mend: "have it made",
      change: stringify({ spawn_upstream_span: true }),
    });
  }
  return reports;
}

/** Routes, virtual hosts and weighted clusters can remove headers on their way up. */
function stripped(routes: unknown, where: string): Report[] {
  return [...objectsIn(routes)].flatMap(each => {
    const gone = asTexts(each.request_headers_to_remove).filter(name => HEADERS.includes(name.toLowerCase()));
    if (gone.length === 0) return [];
    const name = asText(each.name);
    return [removal(`${where}, request_headers_to_remove${name ? ` of ${name}` : ""}`, gone)];
  });
}

/** Mutations before routing, and in a filter. One that puts the header back has looked at it, as ours does. */
function mutated(config: Json, where: string): Report[] {
  const early = asObjects(config.early_header_mutation_extensions).map(({ typed_config }) => asObject(typed_config).mutations);
  const filters = asObjects(config.http_filters).map(({ typed_config }) => at(typed_config, "mutations").request_mutations);
  return [...early, ...filters].flatMap(list => {
    const mutations = asObjects(list);
    const set = mutations.map(({ append }) => asText(at(append, "header").key).toLowerCase());
    const gone = mutations.map(({ remove }) => asText(remove).toLowerCase()).filter(name => HEADERS.includes(name) && !set.includes(name));
    return gone.length > 0 ? [removal(`${where}, header mutation`, gone)] : [];
  });
}

function removal(where: string, gone: readonly string[]): Report {
  const found = `${gone.join(" and ")} removed on the way upstream`;
  const mend =
    "take the names out of the list; to begin a new trace at an edge, remove the header in early_header_mutation and let the tracer write its own";
  return { id: "propagation-stripped", where, found, mend };
}
