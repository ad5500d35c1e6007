import { asObject, asObjects, asText, at, isOfType, type Json } from "./json.ts";
import type { Snapshot } from "./snapshot.ts";

/** A filter of a connection manager, or of a cluster. */
export interface HttpFilter {
  readonly name: string;
  readonly where: string;
  /** As in force; {} for one that was never received. */
  readonly config: Json;
  /** Its configuration comes by ECDS. */
  readonly isDiscovered: boolean;
  /** An update of it was refused: `config` may be what Envoy does not use. */
  readonly isRefused: boolean;
  readonly isDisabled: boolean;
}

/** An HTTP connection manager. */
export interface Manager {
  readonly where: string;
  readonly listener: string;
  readonly statPrefix: string;
  /** INBOUND, OUTBOUND, or "" where the listener says nothing. */
  readonly direction: string;
  readonly config: Json;
  readonly filters: readonly HttpFilter[];
}

/** A resource whose last update was refused. */
export interface Rejected {
  readonly where: string;
  readonly details: string;
  /** Of the listener that was refused. */
  readonly managers: readonly Manager[];
}

/** A proxy's configuration in the form that the checks need. */
export interface ProxyConfig {
  readonly version: string | null;
  readonly bootstrap: Json;
  readonly managers: readonly Manager[];
  readonly clusters: ReadonlyMap<string, Json>;
  readonly routes: readonly Json[];
  readonly rejected: readonly Rejected[];
  readonly warming: readonly string[];
  /** Filter configurations that came by ECDS, by name. */
  readonly discovered: ReadonlyMap<string, Json>;
}

export function readProxy({ configs, serverInfo, stats }: Snapshot): ProxyConfig {
  const sections = (type: string): Json[] => configs.filter(each => isOfType(each, type));
  const lists = (type: string, key: string): Json[] => sections(type).flatMap(section => asObjects(section[key]));
  const bootstrap = at(sections("BootstrapConfigDump")[0], "bootstrap");
  const discovered = new Map(
    lists("EcdsConfigDump", "ecds_filters").map(({ ecds_filter }) => {
      const { name, typed_config } = asObject(ecds_filter);
      return [asText(name), asObject(typed_config)] as const;
    }),
  );
  const refused = [...discovered.keys()].filter(
    name => (stats?.get(`extension_config_discovery.http_filter.${name}.update_rejected`) ?? 0) > 0,
  );
  const received: Received = { configs: discovered, refused: new Set(refused) };
  const dynamic = lists("ListenersConfigDump", "dynamic_listeners");
  const listeners = [
    ...lists("ListenersConfigDump", "static_listeners").map(({ listener }) => asObject(listener)),
    ...dynamic.map(({ active_state }) => at(active_state, "listener")),
  ];
  const clusters = [
    ...lists("ClustersConfigDump", "static_clusters"),
    ...lists("ClustersConfigDump", "dynamic_active_clusters"),
    ...lists("ClustersConfigDump", "dynamic_warming_clusters"),
  ].map(({ cluster }) => asObject(cluster));
  const routes = [...lists("RoutesConfigDump", "static_route_configs"), ...lists("RoutesConfigDump", "dynamic_route_configs")];
  return {
    version: versionOf(serverInfo, bootstrap),
    bootstrap,
    managers: listeners.flatMap(listener => managersOf(listener, received)),
    clusters: new Map(clusters.map(cluster => [asText(cluster.name), cluster])),
    routes: routes.map(({ route_config }) => asObject(route_config)),
    rejected: configs.flatMap(section => rejectedIn(section, received)),
    warming: [
      ...dynamic.flatMap(({ name, warming_state }) => (warming_state ? [`listener ${asText(name)}`] : [])),
      ...lists("ClustersConfigDump", "dynamic_warming_clusters").map(({ cluster }) => `cluster ${asText(asObject(cluster).name)}`),
    ],
    discovered,
  };
}

/** Filters that came by ECDS. */
interface Received {
  readonly configs: ReadonlyMap<string, Json>;
  readonly refused: ReadonlySet<string>;
}

/** `1.40.0` of `<commit>/1.40.0/Clean/RELEASE/BoringSSL`, which Istio's proxies have as well. */
function versionOf(serverInfo: Json | null, bootstrap: Json): string | null {
  const fromServer = /^[^/]*\/(\d+\.\d+\.\d+)/.exec(asText(serverInfo?.version))?.[1];
  const { major_number = 0, minor_number = 0, patch = 0 } = at(bootstrap, "node", "user_agent_build_version", "version");
  return fromServer ?? (major_number ? `${major_number}.${minor_number}.${patch}` : null);
}

function managersOf(listener: Json, received: Received): Manager[] {
  const name = asText(listener.name) || "without a name";
  const chains = [
    ...asObjects(listener.filter_chains),
    ...(listener.default_filter_chain ? [asObject(listener.default_filter_chain)] : []),
  ];
  return chains.flatMap((chain, index) =>
    asObjects(chain.filters).flatMap(({ typed_config }): Manager[] => {
      const config = asObject(typed_config);
      if (!isOfType(config, "HttpConnectionManager")) return [];
      const where = `listener ${name}, ${chains.length > 1 ? `filter chain ${asText(chain.name) || index}` : "its filter chain"}`;
      return [
        {
          where,
          listener: name,
          statPrefix: asText(config.stat_prefix),
          direction: asText(listener.traffic_direction),
          config,
          filters: filtersOf(asObjects(config.http_filters), where, received),
        },
      ];
    }),
  );
}

function filtersOf(filters: readonly Json[], where: string, { configs, refused }: Received): HttpFilter[] {
  return filters.map(behindMatcher).map(filter => {
    const name = asText(filter.name);
    const isDiscovered = "config_discovery" in filter;
    const config = isDiscovered ? configs.get(name) : asObject(filter.typed_config);
    return {
      name,
      where: `${where}, http filter ${name}`,
      config: unwrapped(config ?? {}),
      isDiscovered,
      isRefused: isDiscovered && refused.has(name),
      isDisabled: filter.disabled === true,
    };
  });
}

/** The filter that a matcher runs, or leaves out, in the place of the matcher (`meshwright manifest --skip-unsampled` writes one). */
function behindMatcher(filter: Json): Json {
  const config = asObject(filter.typed_config);
  if (!isOfType(config, "ExtensionWithMatcher")) return filter;
  const matchers = asObjects(at(config, "xds_matcher", "matcher_list").matchers);
  const run = matchers
    .map(matcher => at(matcher, "on_match", "action", "typed_config"))
    .find(each => isOfType(each, "ExecuteFilterAction"));
  return { ...filter, ...asObject(run ? (run.dynamic_config ?? run.typed_config) : config.extension_config) };
}

/** A TypedStruct says in a field what it is. */
function unwrapped(config: Json): Json {
  return isOfType(config, "TypedStruct") ? { "@type": config.type_url, ...asObject(config.value) } : config;
}

function rejectedIn(section: Json, received: Received): Rejected[] {
  return Object.values(section).flatMap(list =>
    asObjects(list).flatMap((entry): Rejected[] => {
      if (!entry.error_state) return [];
      const state = asObject(entry.error_state);
      const failed = asObject(state.failed_configuration);
      const kind = asText(failed["@type"]).split(".").at(-1) || "resource";
      const name = asText(failed.name) || asText(failed.cluster_name) || asText(entry.name);
      return [
        {
          where: `${kind === "TypedExtensionConfig" ? "filter" : kind.toLowerCase()} ${name}`,
          details: asText(state.details),
          managers: kind === "Listener" ? managersOf(failed, received) : [],
        },
      ];
    }),
  );
}

/** Listeners that answer the kubelet and Prometheus in Istio's proxies carry no traffic of the mesh. */
export function carriesTraffic({ statPrefix }: Manager): boolean {
  return !["agent", "stats", "prometheus"].includes(statPrefix);
}
