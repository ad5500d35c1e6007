import type { Json } from "./json.ts";

/** What is known of a proxy at one moment. null: nobody asked, or the answer is not there. */
export interface Snapshot {
  /** Where it comes from, for people. */
  readonly source: string;
  /** The sections of `/config_dump`. */
  readonly configs: readonly Json[];
  /** Counters and gauges by name. */
  readonly stats: ReadonlyMap<string, number> | null;
  /** `cluster_statuses` of `/clusters`. */
  readonly clusters: readonly Json[] | null;
  /** `certificates` of `/certs`. */
  readonly certificates: readonly Json[] | null;
  readonly serverInfo: Json | null;
  /** Lines of an access log. */
  readonly accessLog: readonly string[];
  /** Lines of Envoy's own log. */
  readonly envoyLog: readonly string[];
}

export type SnapshotPart = Partial<Omit<Snapshot, "source" | "accessLog" | "envoyLog">>;

/** Parts that belong to one proxy, put together. */
export function assemble(source: string, parts: readonly SnapshotPart[]): Snapshot {
  const first = <K extends keyof SnapshotPart>(key: K) => parts.find(part => part[key] != null)?.[key] ?? null;
  return {
    source,
    configs: parts.flatMap(({ configs }) => configs ?? []),
    stats: first("stats"),
    clusters: first("clusters"),
    certificates: first("certificates"),
    serverInfo: first("serverInfo"),
    accessLog: [],
    envoyLog: [],
  };
}
