import { stringify } from "yaml";
import { metricLabels, statsTags } from "../../envoy-config/index.ts";
import type { Check, Patient } from "../check.ts";
import { pluginsOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { asObject, asObjects, asText, at } from "../json.ts";

/** Series of one metric beyond which Prometheus and Envoy's memory suffer. */
const MANY_SERIES = 1000;

/** Labels of the filters' metrics. */
export const statsLabels: Check = patient => [...labels(patient), ...cardinality(patient)];

function labels({ proxy }: Patient): Report[] {
  if (Object.keys(proxy.bootstrap).length === 0) return [];
  const rules = asObjects(at(proxy.bootstrap, "stats_config").stats_tags).map(({ tag_name }) => asText(tag_name));
  return proxy.managers.flatMap(pluginsOf).flatMap(plugin => {
    const missing = metricLabels(plugin.own ?? "", plugin.config).filter(label => !rules.includes(label));
    if (missing.length === 0) return [];
    const found = `${plugin.name} writes ${missing.join(", ")} into its metrics' names, and no stats_tags make labels of them`;
    const mend = "add the rules to the bootstrap, which is read at a start only (Istio: extraStatTags in the proxy's configuration)";
    const change = stringify({ stats_config: { stats_tags: statsTags(missing) } }, { lineWidth: 0 });
    return [{ id: "stats-label-missing", where: plugin.filter.where, found, mend, change }];
  });
}

function cardinality({ snapshot, proxy }: Patient): Report[] {
  const series = new Map<string, number>();
  for (const name of snapshot.stats?.keys() ?? []) {
    if (!name.startsWith("wasmcustom.") && !name.startsWith("istiocustom.")) continue;
    // wasmcustom.tenant=.=acme;.;tenant_requests
    const metric = name.slice(Math.max(name.indexOf("."), name.lastIndexOf(";.;") + 2) + 1);
    series.set(metric, (series.get(metric) ?? 0) + 1);
  }
  const caps = proxy.managers.flatMap(pluginsOf).flatMap(({ own, config }) => {
    const { max_series = MANY_SERIES } = asObject(config);
    return own === "tenant-metrics" ? [Number(max_series)] : [];
  });
  const limit = Math.min(MANY_SERIES, ...caps);
  return [...series]
    .filter(([, count]) => count >= limit)
    .map(([metric, count]) => {
      const found = `${metric} has ${count} series${caps.length > 0 ? `, and the cap is ${Math.min(...caps)}: what is over it counts as other` : ""}`;
      const mend = "take the label with the most values out, or map its values to few; a series is never freed before Envoy ends";
      return { id: "stats-cardinality", where: `stat …${metric}`, found, mend };
    });
}
