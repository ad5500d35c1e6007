import { filterPath, type Place } from "./place.ts";
import { skipUnsampled } from "./skip-unsampled.ts";
import type { FilterKind, FilterSpec, WasmFilterSpec } from "./spec.ts";

const WASM = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const NETWORK_WASM = "type.googleapis.com/envoy.extensions.filters.network.wasm.v3.Wasm";
const STRING_VALUE = "type.googleapis.com/google.protobuf.StringValue";

/** The entry of `http_filters`. */
export function httpFilter(filter: FilterSpec, place: Place): Record<string, unknown> {
  const entry = filterEntry(filter, WASM, place);
  return "wasm" in filter && filter.skipUnsampled ? skipUnsampled(entry, filter.skipUnsampled) : entry;
}

/** The entry of a TCP listener's filter chain. */
export function networkFilter(filter: FilterSpec, place: Place): Record<string, unknown> {
  return filterEntry(filter, NETWORK_WASM, place);
}

/** The file of a discovered filter; `kind` says where it stands. */
export function filterResource(filter: FilterSpec, place: Place, kind: FilterKind): Record<string, unknown> {
  return {
    resources: [
      {
        "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
        name: filter.name,
        typed_config: typedConfig(filter, kind === "network" ? NETWORK_WASM : WASM, place),
      },
    ],
  };
}

function filterEntry(filter: FilterSpec, type: string, place: Place): Record<string, unknown> {
  if ("wasm" in filter && filter.discovered) {
    // Without `watched_directory` Envoy takes notice of exactly this file being moved into its place.
    const config_source = { path_config_source: { path: filterPath(place, filter.name) } };
    return { name: filter.name, config_discovery: { config_source, type_urls: [type] } };
  }
  return { name: filter.name, typed_config: typedConfig(filter, type, place) };
}

function typedConfig(filter: FilterSpec, type: string, place: Place): Record<string, unknown> {
  if ("typedConfig" in filter) return filter.typedConfig;
  return { "@type": type, config: pluginConfig(filter, place) };
}

function pluginConfig(filter: WasmFilterSpec, place: Place): Record<string, unknown> {
  const vm: Record<string, unknown> = {
    vm_id: filter.vmId ?? "",
    runtime: filter.runtime ?? "envoy.wasm.runtime.v8",
    code: { local: { filename: place.file(filter.wasm) } },
  };
  if (filter.env) vm.environment_variables = { key_values: filter.env };
  const plugin: Record<string, unknown> = { name: filter.name, root_id: filter.rootId ?? filter.name, vm_config: vm };
  if (filter.vmConfig !== undefined) vm.configuration = stringValue(filter.vmConfig);
  if (filter.config !== undefined) plugin.configuration = stringValue(filter.config);
  if (filter.failurePolicy) plugin.failure_policy = filter.failurePolicy;
  return { ...plugin, ...filter.plugin };
}

function stringValue(config: unknown): Record<string, unknown> {
  return { "@type": STRING_VALUE, value: typeof config === "string" ? config : JSON.stringify(config) };
}
