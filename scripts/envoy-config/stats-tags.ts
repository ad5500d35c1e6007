/**
 * The `stats_tags` of Envoy's bootstrap (`stats_config`) that make labels of what `MetricFamily` writes into a metric's name:
 * `tenant=.=acme;.;code=.=2xx;.;requests` becomes `requests` with the labels tenant and code. Istio makes the same rules of its `extraStatTags`.
 */
export function statsTags(labels: readonly string[]): { tag_name: string; regex: string }[] {
  // Envoy takes the first group out of the name; the second one is the value.
  return labels.map(label => ({ tag_name: label, regex: `(${label.replace(/[^A-Za-z0-9_]/g, "\\$&")}=\\.=(.*?);\\.;)` }));
}
