import type { Place } from "../envoy/index.ts";
import type { Json, MeshProxy, Resources } from "./checker.ts";

const HTTP_CONNECTION_MANAGER = "envoy.filters.network.http_connection_manager";
/** Filters of Istio's build of Envoy that the stock one lacks: who the peer is, and Istio's metrics. They touch no span. */
const ISTIO_ONLY: ReadonlySet<string> = new Set(["istio.metadata_exchange", "istio.stats", "istio.alpn"]);

/**
 * What istiod sends to a proxy, as a bootstrap for the stock Envoy. Subscriptions become files, and nothing else is changed
 * but what cannot be here: Istio's own filters, the listeners of other ports, an access log to a terminal.
 */
export function bootstrap(resources: Resources, port: number, proxy: MeshProxy, place: Place): Json {
  const listeners = structuredClone(resources.listeners).filter(({ address }) => address.socket_address.port_value === port);
  if (listeners.length !== 1) throw new Error(`istio: istiod made ${listeners.length} listeners for port ${port}, not 1`);
  const clusters = structuredClone(resources.clusters);
  for (const cluster of clusters) cluster.filters = withoutIstios(cluster.filters ?? []);
  for (const listener of listeners) {
    for (const log of listener.access_log ?? []) toFile(log, place);
    for (const chain of listener.filter_chains) {
      chain.filters = withoutIstios(chain.filters);
      for (const filter of chain.filters) if (filter.name === HTTP_CONNECTION_MANAGER) rewrite(filter.typed_config, resources, place);
    }
  }
  return {
    node: { id: "here", cluster: proxy.cluster, metadata: metadata(proxy) },
    admin: { address: { socket_address: { address: place.listenAddress, port_value: place.adminPort } } },
    // Spans are sent at once.
    layered_runtime: {
      layers: [
        { name: "here", static_layer: { "tracing.opentelemetry.flush_interval_ms": 100, "tracing.opentelemetry.min_flush_spans": 1 } },
      ],
    },
    static_resources: { listeners, clusters },
  };
}

/** The files of the subscriptions to extensions, for Envoy's folder. */
export function extensionFiles({ extensions }: Resources): Record<string, string> {
  const type = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";
  return Object.fromEntries(extensions.map((each, index) => [fileOf(index), JSON.stringify({ resources: [{ "@type": type, ...each }] })]));
}

const withoutIstios = (filters: readonly Json[]): Json[] => filters.filter(({ name }) => !ISTIO_ONLY.has(name));

/** What Istio's agent puts into each proxy's node, as far as the filters read it. */
const metadata = ({ namespace, labels }: MeshProxy): Json => ({ CLUSTER_ID: "Kubernetes", NAMESPACE: namespace, LABELS: labels });

function rewrite(manager: Json, resources: Resources, place: Place): void {
  manager.http_filters = withoutIstios(manager.http_filters);
  for (const entry of manager.http_filters) {
    const filter = behindMatcher(entry);
    if (!filter.config_discovery) continue;
    const index = resources.extensions.findIndex(({ name }) => name === filter.name);
    if (index < 0) throw new Error(`istio: the listener asks for ${filter.name}, which istiod does not send`);
    filter.config_discovery.config_source = { path_config_source: { path: `${place.folder}/${fileOf(index)}` } };
  }
  if (manager.rds) {
    manager.route_config = resources.routes.find(({ name }) => name === manager.rds.route_config_name);
    delete manager.rds;
  }
  for (const log of manager.access_log ?? []) toFile(log, place);
}

/** The discovered filter that a matcher runs, or the filter itself. */
function behindMatcher(filter: Json): Json {
  const matchers = filter.typed_config?.xds_matcher?.matcher_list.matchers ?? [];
  return matchers[0]?.on_match.action.typed_config.dynamic_config ?? filter;
}

const fileOf = (index: number): string => `ecds-${index}.json`;
export const accessLogOf = (place: { folder: string }): string => `${place.folder}/access.log`;

/** What a program's output is connected to here cannot be opened by a name. */
function toFile(log: Json, place: Place): void {
  if (log.typed_config.path === "/dev/stdout") log.typed_config.path = accessLogOf(place);
}
