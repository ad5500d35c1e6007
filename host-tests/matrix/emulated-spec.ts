import type { FilterSpec, WasmFilterSpec } from "../envoy/index.ts";
import { HostRefusal, type PluginOptions } from "../host/index.ts";
import type { HostListener, HostSpec } from "./types.ts";

/** Parts of a configuration that only the real Envoy understands. */
export function refuseForeign(spec: HostSpec): void {
  const refuse = (what: string): never => {
    throw new HostRefusal("gap", `host: does not emulate ${what}; run this scenario with hosts: ["envoy"]`);
  };
  if (spec.tracing || spec.listeners.some(({ tracing }) => tracing)) refuse("tracers and their spans");
  if (spec.bootstrap) refuse("bootstrap settings");
  for (const listener of spec.listeners) {
    if (listener.hcm) refuse("settings of the HttpConnectionManager (hcm)");
    if (listener.listener) refuse("settings of the Listener (listener)");
    if (listener.routes?.some(({ route }) => route)) refuse("further settings of routes (route)");
  }
  for (const cluster of spec.clusters ?? []) if (cluster.filters) refuse("upstream HTTP filters");
}

const POLICIES = { FAIL_CLOSED: "closed", FAIL_OPEN: "open", FAIL_RELOAD: "reload" } as const;

export function pluginOptions(filter: FilterSpec, listener: HostListener): PluginOptions {
  if ("typedConfig" in filter) throw new HostRefusal("gap", `host: does not emulate the filter ${filter.name}, which is no Wasm filter`);
  const { name, wasm, config, rootId, vmId, vmConfig, env, failurePolicy, plugin = {} } = filter as WasmFilterSpec;
  const { allow_on_headers_stop_iteration, capability_restriction_config, ...rest } = plugin;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new HostRefusal("gap", `host: does not emulate ${unknown} of a plugin`);
  const allowed = (capability_restriction_config as { allowed_capabilities?: object } | undefined)?.allowed_capabilities;
  return {
    name,
    wasm,
    rootId: rootId ?? name,
    ...(config === undefined ? {} : { config }),
    ...(vmId === undefined ? {} : { vmId }),
    ...(vmConfig === undefined ? {} : { vmConfig }),
    ...(env === undefined ? {} : { env }),
    ...(failurePolicy ? { failurePolicy: POLICIES[failurePolicy] } : {}),
    ...(allowed ? { capabilities: Object.keys(allowed) } : {}),
    allowOnHeadersStopIteration: allow_on_headers_stop_iteration === true,
    ...(listener.direction ? { direction: listener.direction } : {}),
  };
}
