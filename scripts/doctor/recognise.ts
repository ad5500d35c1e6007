import { asObjects, isObject, type Json } from "./json.ts";
import { snakeCase } from "./snake-case.ts";
import type { SnapshotPart } from "./snapshot.ts";

/** Tells by its content what a text is: an answer of the admin interface, or what istioctl makes of one. null: neither. */
export function recognise(text: string): SnapshotPart | null {
  const trimmed = text.trimStart();
  if (/^[{[]/.test(trimmed)) {
    try {
      return recogniseJson(snakeCase(JSON.parse(trimmed)));
    } catch {
      return null;
    }
  }
  return /^[^\s:][^:\n]*: (\d+|"[^\n]*"|[^\n]*P\d|No recorded values)/m.test(trimmed) ? { stats: readStats(trimmed) } : null;
}

function recogniseJson(value: unknown): SnapshotPart | null {
  if (Array.isArray(value)) return recogniseList(asObjects(value));
  if (!isObject(value)) return null;
  if (Array.isArray(value.configs)) return { configs: asObjects(value.configs) };
  if (Array.isArray(value.cluster_statuses)) return { clusters: asObjects(value.cluster_statuses) };
  if (Array.isArray(value.certificates)) return { certificates: asObjects(value.certificates) };
  if (Array.isArray(value.stats)) return { stats: statsOfJson(asObjects(value.stats)) };
  if ("command_line_options" in value || ("state" in value && "version" in value)) return { serverInfo: value };
  // Nothing listens, no cluster is there, and so on: Envoy leaves empty lists out.
  return Object.keys(value).length === 0 || "listener_statuses" in value ? {} : null;
}

/** `istioctl proxy-config listener|cluster|route|endpoint … -o json` print lists of resources. */
function recogniseList(items: readonly Json[]): SnapshotPart | null {
  const [first] = items;
  if (!first) return {};
  const dump = (type: string, key: string, inner: string): SnapshotPart => ({
    configs: [{ "@type": `type.googleapis.com/envoy.admin.v3.${type}`, [key]: items.map(item => ({ [inner]: item })) }],
  });
  if ("filter_chains" in first || "default_filter_chain" in first) return dump("ListenersConfigDump", "static_listeners", "listener");
  if ("virtual_hosts" in first) return dump("RoutesConfigDump", "static_route_configs", "route_config");
  if ("host_statuses" in first) return { clusters: items };
  if ("connect_timeout" in first || "load_assignment" in first || "eds_cluster_config" in first || "lb_policy" in first)
    return dump("ClustersConfigDump", "static_clusters", "cluster");
  return null;
}

/** `/stats`; lines of histograms and texts are passed over. */
export function readStats(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const end = line.lastIndexOf(": ");
    const value = line.slice(end + 2);
    if (end > 0 && /^\d+$/.test(value)) values.set(line.slice(0, end), Number(value));
  }
  return values;
}

function statsOfJson(stats: readonly Json[]): Map<string, number> {
  return new Map(stats.flatMap(({ name, value }) => (typeof name === "string" && typeof value === "number" ? [[name, value]] : [])));
}
