import { object, workloadSelection } from "./metadata.ts";
import type { ManifestRequest } from "./request.ts";
import { moduleCluster, wasmFilter } from "./wasm-filter.ts";

const ROUTER = {
  listener: {
    filterChain: {
      filter: { name: "envoy.filters.network.http_connection_manager", subFilter: { name: "envoy.filters.http.router" } },
    },
  },
};

/**
 * For what WasmPlugin cannot say: another runtime, a VM of its own, restricted capabilities.
 * These stand where every Envoy of a mesh reads them, also one before 1.40.
 */
export function envoyFilter(request: ManifestRequest, config: unknown): Record<string, unknown> {
  const { scope } = request;
  const context = scope.kind === "gateway" ? "GATEWAY" : request.context;
  const cluster = moduleCluster(request);
  const configPatches = [
    ...(cluster ? [{ applyTo: "CLUSTER", match: { context }, patch: { operation: "ADD", value: cluster } }] : []),
    {
      applyTo: "HTTP_FILTER",
      match: { context, ...ROUTER },
      patch: { operation: "INSERT_BEFORE", value: wasmFilter(request, config, "plugin") },
    },
  ];
  // Relative patches without a priority depend on the order of creation; istioctl analyze warns of it (IST0151).
  return object("networking.istio.io/v1alpha3", "EnvoyFilter", request, { ...workloadSelection(scope), priority: 10, configPatches });
}
