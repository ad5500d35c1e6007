import { asObject, asObjects, asText, type Json } from "./json.ts";
import type { Snapshot } from "./snapshot.ts";

/** Whether a cluster has a host that gets requests; null where nothing is known of it. */
export function hasHealthyHost(cluster: string, { clusters, stats }: Snapshot): boolean | null {
  const status = clusters?.find(({ name }) => name === cluster);
  if (status) return asObjects(status.host_statuses).some(isHealthy);
  const healthy = stats?.get(`cluster.${cluster}.membership_healthy`);
  return healthy === undefined ? null : healthy > 0;
}

function isHealthy({ health_status }: Json): boolean {
  const { eds_health_status, ...failures } = asObject(health_status);
  const said = asText(eds_health_status);
  return ["", "HEALTHY", "UNKNOWN", "DEGRADED"].includes(said) && !Object.values(failures).includes(true);
}
