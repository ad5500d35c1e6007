import { type AdminAddress, adminGet } from "./admin.ts";

/** Prefixes of the statistics of what Envoy reads from watched files: listeners, and a filter in an HTTP listener, a cluster or a TCP listener. */
export const listenerSubscription = "listener_manager.lds";
export const filterSubscription = (filter: string, kind: "http" | "upstream_http" | "network"): string =>
  `extension_config_discovery.${kind}_filter.${filter}`;

/** How long worker threads may take to follow; they do it between two events. */
const WORKERS_PATIENCE_MS = 10_000;

interface Counters {
  taken: number;
  refused: number;
  /** How often all workers had what the main thread made, or had heard that it made nothing. Listeners have no such counter. */
  spread: number | null;
}

/**
 * Calls `write`, which moves a new file into place, and waits until Envoy has read it; resolves to whether Envoy took it, in all workers.
 *
 * The file must say something new: when it says what it said last, Envoy does not look further and counts a success, even if it had
 * refused the same before.
 */
export async function changeWatchedFile(
  admin: AdminAddress,
  subscription: string,
  write: () => Promise<unknown>,
  timeoutMs = 60_000,
): Promise<boolean> {
  const before = await counters(admin, subscription);
  await write();
  let deadline = Date.now() + timeoutMs;
  for (let isTaken = false; ; ) {
    const { taken, refused, spread } = await counters(admin, subscription);
    if (refused > before.refused) return false;
    if (taken > before.taken) {
      if (spread === null || spread > (before.spread ?? 0)) return true;
      if (!isTaken) deadline = Date.now() + WORKERS_PATIENCE_MS;
      isTaken = true;
    }
    if (Date.now() > deadline) {
      if (isTaken) return true;
      throw new Error(`Envoy did not read the new configuration within ${timeoutMs / 1000} s`);
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** In one request, so that all are of the same moment. */
async function counters(admin: AdminAddress, subscription: string): Promise<Counters> {
  const names = "\\.(update_success|update_rejected|update_failure|config_reload)$";
  const { body } = await adminGet(admin, `/stats?filter=${encodeURIComponent(names)}`);
  const all = new Map(body.split("\n").map(line => line.split(": ") as [string, string]));
  const count = (name: string): number => Number(all.get(`${subscription}.${name}`) ?? 0);
  return {
    taken: count("update_success"),
    refused: count("update_rejected") + count("update_failure"),
    spread: subscription === listenerSubscription ? null : count("config_reload"),
  };
}
