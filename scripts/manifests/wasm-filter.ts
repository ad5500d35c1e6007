import type { ManifestRequest, ModuleEdges } from "./request.ts";
import { environmentNames } from "./span-tags.ts";

export const WASM = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const STRING_VALUE = "type.googleapis.com/google.protobuf.StringValue";
const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
const POLICIES = { closed: "FAIL_CLOSED", open: "FAIL_OPEN", reload: "FAIL_RELOAD" };

/**
 * The entry of Envoy's `http_filters`. Envoy 1.40 wants the restrictions in the VM's part and warns of the plugin's,
 * which is the only one that older versions know.
 */
export function wasmFilter(request: ManifestRequest, config: unknown, restricts: "vm" | "plugin"): Record<string, unknown> {
  const { filter, runtime, failurePolicy, edges } = request;
  const env = environmentNames(filter, config);
  const allowed_capabilities = Object.fromEntries(capabilities(edges).map(name => [name, {}]));
  const restriction = { capability_restriction_config: { allowed_capabilities } };
  const plugin = {
    name: filter,
    root_id: filter,
    failure_policy: POLICIES[failurePolicy],
    ...(config === undefined ? {} : { configuration: stringValue(config) }),
    vm_config: {
      vm_id: filter,
      runtime: `envoy.wasm.runtime.${runtime}`,
      code: code(request),
      ...(env.length > 0 ? { environment_variables: { host_env_keys: env } } : {}),
      ...(restricts === "vm" ? restriction : {}),
    },
    ...(restricts === "plugin" ? restriction : {}),
  };
  return { name: filter, typed_config: { "@type": WASM, config: plugin } };
}

/**
 * What the module calls and what is called on it, and nothing more.
 * Memory, allocator and version marker are no capabilities: Envoy takes them in any case.
 */
export function capabilities({ imports, exports }: ModuleEdges): string[] {
  const called = exports.filter(({ name }) => name.startsWith("proxy_on_") && name !== "proxy_on_memory_allocate");
  return [...new Set([...imports, ...called].filter(({ kind }) => kind === "function").map(({ name }) => name))].sort();
}

/** The cluster over which Envoy fetches the module; null when there is nothing to fetch, or the request names one that Envoy has. */
export function moduleCluster({ code, filter }: ManifestRequest): Record<string, unknown> | null {
  if (code.from !== "url" || code.cluster) return null;
  const { hostname, port, protocol } = new URL(code.url);
  const name = ownCluster(filter);
  const isTls = protocol === "https:";
  const address = { socket_address: { address: hostname, port_value: Number(port || (isTls ? 443 : 80)) } };
  return {
    name,
    type: "STRICT_DNS",
    connect_timeout: "5s",
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
    // No authority to check against: the sha256 says whether it is the module.
    ...(isTls ? { transport_socket: { name: "envoy.transport_sockets.tls", typed_config: { "@type": TLS, sni: hostname } } } : {}),
  };
}

function code({ code: from, filter }: ManifestRequest): Record<string, unknown> {
  if (from.from === "file") return { local: { filename: from.path } };
  if (from.from === "image") {
    // Istio's agent pulls the image and puts a file here. Until then Envoy's rules hold: a cluster, which nobody asks, and a digest, for
    // which the agent reads "nil" as none.
    return { remote: { http_uri: { uri: from.url, cluster: "_", timeout: "30s" }, sha256: from.sha256 ?? "nil" } };
  }
  const http_uri = { uri: from.url, cluster: from.cluster ?? ownCluster(filter), timeout: "30s" };
  return { remote: { http_uri, sha256: from.sha256 } };
}

const ownCluster = (filter: string): string => `${filter}-module`;

function stringValue(config: unknown): Record<string, unknown> {
  // Indented for those who read the manifest.
  return { "@type": STRING_VALUE, value: typeof config === "string" ? config : JSON.stringify(config, null, 2) };
}
