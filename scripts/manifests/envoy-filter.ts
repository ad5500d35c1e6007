import { compareVersions } from "../envoy/versions.ts";
import { object, workloadSelection } from "./metadata.ts";
import type { ManifestRequest } from "./request.ts";
import { moduleCluster, WASM, wasmFilter } from "./wasm-filter.ts";

const RBAC = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC";
const ROUTER = {
  listener: {
    filterChain: {
      filter: { name: "envoy.filters.network.http_connection_manager", subFilter: { name: "envoy.filters.http.router" } },
    },
  },
};

/** For what WasmPlugin cannot say: another runtime, a VM of its own, restricted capabilities. */
export function envoyFilter(request: ManifestRequest, config: unknown): Record<string, unknown> {
  const { scope } = request;
  const context = scope.kind === "gateway" ? "GATEWAY" : request.context;
  // Every Envoy of a mesh reads these, and the oldest one decides. Istio 1.31 has Envoy 1.39, which knows the plugin's place only.
  const restricts = compareVersions(request.istioVersion, "1.32") < 0 ? "plugin" : "vm";
  const filter = wasmFilter(request, config, restricts);
  const configPatches = request.code.from === "image" ? discovered(filter, context) : inline(filter, context, moduleCluster(request));
  // Relative patches without a priority depend on the order of creation; istioctl analyze warns of it (IST0151).
  return object("networking.istio.io/v1alpha3", "EnvoyFilter", request, { ...workloadSelection(scope), priority: 10, configPatches });
}

/** Envoy fetches the module by itself. */
function inline(filter: object, context: string, cluster: object | null): object[] {
  return [
    ...(cluster ? [{ applyTo: "CLUSTER", match: { context }, patch: { operation: "ADD", value: cluster } }] : []),
    { applyTo: "HTTP_FILTER", match: { context, ...ROUTER }, patch: { operation: "INSERT_BEFORE", value: filter } },
  ];
}

/**
 * The filter is discovered, because Istio's agent pulls images for what is discovered and for nothing else.
 * RBAC: what the agent puts there when it cannot pull, allowing or denying all by the failure policy.
 */
function discovered(filter: Record<string, unknown>, context: string): object[] {
  const config_source = { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" };
  const value = { name: filter.name, config_discovery: { config_source, type_urls: [WASM, RBAC] } };
  return [
    { applyTo: "EXTENSION_CONFIG", match: { context }, patch: { operation: "ADD", value: filter } },
    { applyTo: "HTTP_FILTER", match: { context, ...ROUTER }, patch: { operation: "INSERT_BEFORE", value } },
  ];
}
