import { parse } from "yaml";
import type { Loose } from "./breakages.ts";

/** Puts the change of a finding where it belongs in a bootstrap, as its reader would. */
export function apply(bootstrap: Loose, change: string): void {
  const { listeners, clusters } = bootstrap.static_resources;
  const changed = parse(change);
  // A cluster is given as a whole.
  if (changed.load_assignment) {
    clusters.push(changed);
    return;
  }
  for (const [key, value] of Object.entries<Loose>(changed)) {
    if (key === "stats_config") bootstrap.stats_config = value;
    else if (key === "layered_runtime") Object.assign(bootstrap.layered_runtime.layers[0].static_layer, value.layers[0].static_layer);
    else if (key === "typed_extension_protocol_options") clusters.find(({ name }: Loose) => name === "collector")[key] = value;
    else for (const listener of listeners) applyTo(listener.filter_chains[0].filters[0].typed_config, key, value);
  }
}

const OF_TRACING = ["no_context_propagation", "spawn_upstream_span"];
const OF_PLUGIN = ["trace_context", "parent_id", "expose"];

function applyTo(manager: Loose, key: string, value: Loose): void {
  const { tracing, access_log, http_filters } = manager;
  if (key === "tracing") manager.tracing = { ...tracing, ...value };
  else if (OF_TRACING.includes(key)) tracing[key] = value;
  else if (key === "trace_context_option") tracing.provider.typed_config[key] = value;
  else if (key === "custom_tags") {
    const names = value.map(({ tag }: Loose) => tag);
    tracing.custom_tags = [...tracing.custom_tags.filter(({ tag }: Loose) => !names.includes(tag)), ...value];
  } else if (key === "log_format") access_log[0].typed_config.log_format = value;
  else if (key === "failure_policy") {
    for (const { typed_config } of http_filters) if (typed_config.config) typed_config.config[key] = value;
  } else if (OF_PLUGIN.includes(key)) {
    const { configuration } = http_filters[0].typed_config.config;
    configuration.value = JSON.stringify({ ...JSON.parse(configuration.value), [key]: value });
  } else manager[key] = value;
}
