/** What tenant-metrics does without a configuration. */
const DEFAULTS = ["tenant", "code"];

/** Names of the labels that a filter of the pack writes into its metrics' names, in its order, for `statsTags`. Empty for filters that write none. */
export function metricLabels(filter: string, config: unknown): string[] {
  if (filter !== "tenant-metrics") return [];
  const { labels } = (typeof config === "object" && config !== null ? config : {}) as { labels?: unknown };
  if (!Array.isArray(labels)) return DEFAULTS;
  return labels.map(label => label?.name).filter(name => typeof name === "string");
}
