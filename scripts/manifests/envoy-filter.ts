import { compareVersions } from "../envoy/versions.ts";
import { afterTracer, beforeTracer } from "./behind-tracer.ts";
import { object, workloadSelection } from "./metadata.ts";
import { ManifestError, type ManifestRequest } from "./request.ts";
import { forSampledOnly } from "./skip-unsampled.ts";
import { moduleCluster, WASM, wasmFilter } from "./wasm-filter.ts";

const RBAC = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC";
const HCM = "envoy.filters.network.http_connection_manager";
const MANAGER = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER = { listener: { filterChain: { filter: { name: HCM, subFilter: { name: "envoy.filters.http.router" } } } } };

/** For what WasmPlugin cannot say: another runtime, a VM of its own, restricted capabilities. */
export function envoyFilter(request: ManifestRequest, config: unknown): Record<string, unknown> {
  const { scope } = request;
  const context = scope.kind === "gateway" ? "GATEWAY" : request.context;
  // Every Envoy of a mesh reads these, and the oldest one decides. Istio 1.31 has Envoy 1.39, which knows the plugin's place only.
  const restricts = compareVersions(request.istioVersion, "1.32") < 0 ? "plugin" : "vm";
  const filter = wasmFilter(request, config, restricts);
  const configPatches = [
    ...module(request, filter, context),
    ...stand(request, forSampledOnly(request, entry(request, filter), envoyOf(request.istioVersion)), context),
  ];
  // Relative patches without a priority depend on the order of creation; istioctl analyze warns of it (IST0151).
  return object("networking.istio.io/v1alpha3", "EnvoyFilter", request, { ...workloadSelection(scope), priority: 10, configPatches });
}

/** Istio 1.31 has Envoy 1.39, 1.30 has 1.38, and so on. */
function envoyOf(istioVersion: string): string {
  const [major, minor] = istioVersion.split(".");
  return `${major}.${Number(minor) + 8}`;
}

/** Where the module comes from: Istio's agent, which pulls images for what is discovered and for nothing else, or a cluster of Envoy's. */
function module(request: ManifestRequest, filter: object, context: string): object[] {
  if (request.code.from === "image")
    return [{ applyTo: "EXTENSION_CONFIG", match: { context }, patch: { operation: "ADD", value: filter } }];
  const cluster = moduleCluster(request);
  return cluster ? [{ applyTo: "CLUSTER", match: { context }, patch: { operation: "ADD", value: cluster } }] : [];
}

/** RBAC: what the agent puts there when it cannot pull, allowing or denying all by the failure policy. */
function entry({ code }: ManifestRequest, filter: Record<string, unknown>): Record<string, unknown> {
  if (code.from !== "image") return filter;
  const config_source = { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" };
  return { name: filter.name, config_discovery: { config_source, type_urls: [WASM, RBAC] } };
}

/** Where the filter stands. */
function stand(request: ManifestRequest, filter: Record<string, unknown>, context: string): object[] {
  if (!request.behindTracer) {
    return [{ applyTo: "HTTP_FILTER", match: { context, ...ROUTER }, patch: { operation: "INSERT_BEFORE", value: filter } }];
  }
  if (request.code.from === "image" && compareVersions(request.istioVersion, "1.31") < 0) {
    const reason = "Envoy before 1.39 knows no RBAC in clusters, which Istio's agent puts in the place of an image that it cannot pull";
    throw new ManifestError("target", `${reason}; give --remote URL, or --istio-version 1.31 where no proxy is older`);
  }
  const manager = { name: HCM, typed_config: { "@type": MANAGER, ...beforeTracer() } };
  // Istio replaces the options of a cluster as a whole.
  const clusters = clustersOf(request, context).map(cluster => ({
    applyTo: "CLUSTER",
    match: { context, ...cluster },
    patch: { operation: "MERGE", value: afterTracer(filter, "downstream") },
  }));
  const listeners = { context, listener: { filterChain: { filter: { name: HCM } } } };
  return [{ applyTo: "NETWORK_FILTER", match: listeners, patch: { operation: "MERGE", value: manager } }, ...clusters];
}

/** Inbound all lead to the application. Elsewhere some are for calls of Envoy's own, which have no client whose protocol they could speak. */
function clustersOf({ services = [] }: ManifestRequest, context: string): object[] {
  if (services.length > 0) return services.map(service => ({ cluster: { service } }));
  if (context === "SIDECAR_INBOUND") return [{}];
  const next = "name the services behind the routes: --service HOST, once for each";
  throw new ManifestError("target", `behind the tracer of ${context}, clusters such as the collector's must stay as they are; ${next}`);
}
