import type { FindModule } from "../validate/index.ts";
import type { Report } from "./finding.ts";
import type { HttpFilter, ProxyConfig } from "./proxy.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a check looks at. */
export interface Patient {
  readonly snapshot: Snapshot;
  readonly proxy: ProxyConfig;
  readonly now: Date;
  readonly findModule: FindModule;
}

/** Looks for one kind of trouble. */
export type Check = (patient: Patient) => Report[] | Promise<Report[]>;

/** Counters and gauges above 0 whose whole name matches, with the pattern's groups. */
export function statsAbove0({ stats }: Snapshot, pattern: RegExp): { name: string; value: number; groups: readonly string[] }[] {
  return [...(stats ?? [])].flatMap(([name, value]) => {
    const match = value > 0 ? pattern.exec(name) : null;
    return match && match[0].length === name.length ? [{ name, value, groups: match.slice(1) }] : [];
  });
}

/** Whether a filter has a configuration: its own, or one that came by ECDS. */
export function isReceived({ name, isDiscovered }: HttpFilter, { proxy, snapshot }: Pick<Patient, "proxy" | "snapshot">): boolean {
  const reloads = snapshot.stats?.get(`extension_config_discovery.http_filter.${name}.config_reload`);
  return !isDiscovered || (reloads === undefined ? proxy.discovered.has(name) : reloads > 0);
}
