import type { HostSpec } from "./types.ts";

/** Throws for an update that Envoy would never see, or see without its clusters: of a running one only listeners can be replaced. */
export function refuseUpdate(running: HostSpec, next: HostSpec): void {
  if (!running.dynamicListeners)
    throw new Error("update: these listeners are fixed; start with dynamicListeners: true, so that they can be replaced");
  for (const { name, url } of next.clusters ?? []) {
    const known = running.clusters?.find(cluster => cluster.name === name);
    if (known?.url === url) continue;
    const found = known ? `has the url ${known.url} there, ${url} here` : "is not among them";
    throw new Error(
      `update: it replaces listeners, clusters stay as they were at the start, and "${name}" ${found}; name it in start() already`,
    );
  }
}
