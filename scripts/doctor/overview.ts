import { spanAttributeNames } from "../envoy-config/index.ts";
import { tracingOf } from "./exporters.ts";
import { hasHealthyHost } from "./hosts.ts";
import { asObject, asObjects, asText, at } from "./json.ts";
import { type Manager, type ProxyConfig, readProxy } from "./proxy.ts";
import type { Snapshot } from "./snapshot.ts";
import { wasmPlugin } from "./wasm-plugin.ts";

/** What a proxy does, without judging it. */
export interface Overview {
  readonly envoy: string | null;
  readonly node: { readonly id: string; readonly cluster: string };
  readonly chains: readonly Chain[];
  readonly clusters: readonly { readonly name: string; readonly healthy: boolean | null }[];
}

interface Chain {
  readonly where: string;
  readonly direction: string;
  readonly tracer: string | null;
  readonly sampling: string;
  readonly tags: readonly { readonly tag: string; readonly from: string }[];
  readonly filters: readonly ChainFilter[];
}

interface ChainFilter {
  readonly name: string;
  readonly type: string;
  readonly discovered: boolean;
  readonly plugin: { readonly rootId: string; readonly code: string; readonly policy: string; readonly config: unknown } | null;
  /** Span attributes that a filter of the pack sets. */
  readonly attributes: readonly string[];
}

export function overview(snapshot: Snapshot): Overview {
  const proxy = readProxy(snapshot);
  const { id, cluster } = at(proxy.bootstrap, "node");
  return {
    envoy: proxy.version,
    node: { id: asText(id), cluster: asText(cluster) },
    chains: proxy.managers.map(manager => chainOf(manager, proxy)),
    clusters: [...proxy.clusters.keys()].map(name => ({ name, healthy: hasHealthyHost(name, snapshot) })),
  };
}

function chainOf(manager: Manager, proxy: ProxyConfig): Chain {
  const tracing = asObject(manager.config.tracing);
  const { provider, exporting } = tracingOf(manager, proxy);
  const { value } = asObject(tracing.random_sampling ?? { value: 100 });
  return {
    where: manager.where,
    direction: manager.direction || "unspecified",
    tracer: provider ? asText(provider.name) : (exporting[0]?.name ?? null),
    sampling: provider ? `${value ?? 0} %` : "",
    tags: asObjects(tracing.custom_tags).map(({ tag, ...source }) => ({ tag: asText(tag), from: sourceOf(source) })),
    filters: manager.filters.map(filter => {
      const plugin = wasmPlugin(filter);
      return {
        name: filter.name,
        type: asText(filter.config["@type"]).replace(/^type\.googleapis\.com\//, ""),
        discovered: filter.isDiscovered,
        plugin: plugin ? { rootId: plugin.rootId, code: plugin.code, policy: plugin.policy, config: plugin.config } : null,
        attributes: plugin?.own ? spanAttributeNames(plugin.own, plugin.config) : [],
      };
    }),
  };
}

function sourceOf(source: Readonly<Record<string, unknown>>): string {
  const [kind = "", value] = Object.entries(source)[0] ?? [];
  if (typeof value === "string") return value;
  const { value: literal, name, default_value } = asObject(value);
  return `${kind} ${asText(literal ?? name)}${default_value === undefined ? "" : `, else ${asText(default_value)}`}`;
}

export function overviewLines({ envoy, node, chains, clusters }: Overview): string[] {
  return [
    `Envoy ${envoy ?? "of an unknown version"}, node ${node.id || "?"} of ${node.cluster || "?"}`,
    ...chains.flatMap(({ where, direction, tracer, sampling, tags, filters }) => [
      "",
      `${where} (${direction})`,
      `  tracer ${tracer ?? "none"}${sampling && `, sampling ${sampling}`}`,
      ...tags.map(({ tag, from }) => `    tag ${tag}: ${from}`),
      ...filters.flatMap(({ name, discovered, plugin, attributes }) => [
        `  filter ${name}${discovered ? ", by ECDS" : ""}${plugin ? `: ${plugin.code}, root id ${plugin.rootId || '""'}, ${plugin.policy}` : ""}`,
        ...(plugin?.config === undefined ? [] : [`    configuration ${JSON.stringify(plugin.config)}`]),
        ...(attributes.length > 0 ? [`    sets ${attributes.join(", ")}`] : []),
      ]),
    ]),
    "",
    ...clusters.map(
      ({ name, healthy }) => `cluster ${name}: ${healthy === null ? "health unknown" : healthy ? "healthy" : "no healthy host"}`,
    ),
  ];
}
