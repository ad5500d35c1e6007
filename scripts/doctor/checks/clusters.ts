import type { Check, Patient } from "../check.ts";
import { exportersOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { hasHealthyHost } from "../hosts.ts";
import { asObject, asObjects, asText, objectsIn } from "../json.ts";
import type { ProxyConfig } from "../proxy.ts";

/** Clusters that have no hosts by their nature. */
const WITHOUT_HOSTS = /^(BlackHoleCluster|PassthroughCluster|InboundPassthroughCluster|agent|prometheus_stats|sds-grpc|xds-grpc)/;

/** Where requests go, and whether somebody is there. */
export const clusters: Check = patient => [...routed(patient), ...hosts(patient)];

function routed({ proxy }: Patient): Report[] {
  if (proxy.clusters.size === 0) return [];
  return [...routesOf(proxy)].flatMap(([cluster, where]) => {
    if (proxy.clusters.has(cluster)) return [];
    const mend =
      "add the cluster, or route to one that is there (Istio: the VirtualService's host and subset, the DestinationRule, the Sidecar's egress)";
    return [{ id: "cluster-missing", where, found: `a route leads to cluster ${cluster}, which does not exist: 503 NC`, mend }];
  });
}

/** Names of clusters that routes lead to, with where. */
function routesOf(proxy: ProxyConfig): Map<string, string> {
  const found = new Map<string, string>();
  const inline = proxy.managers.map(({ config }) => asObject(config.route_config));
  for (const config of [...proxy.routes, ...inline]) {
    for (const host of asObjects(config.virtual_hosts))
      for (const { route } of asObjects(host.routes))
        for (const name of [asObject(route), ...objectsIn(asObject(asObject(route).weighted_clusters).clusters)].map(each =>
          asText(each.cluster ?? each.name),
        ))
          if (name && !found.has(name)) found.set(name, `route configuration ${asText(config.name)}, virtual host ${asText(host.name)}`);
  }
  return found;
}

function hosts({ proxy, snapshot }: Patient): Report[] {
  // Told with the exporter.
  const exporting = new Set(proxy.managers.flatMap(manager => exportersOf(manager, proxy)).map(({ cluster }) => cluster));
  const known = snapshot.clusters?.map(({ name }) => asText(name)) ?? [...proxy.clusters.keys()];
  return known.flatMap(name => {
    const config = proxy.clusters.get(name);
    if (exporting.has(name) || WITHOUT_HOSTS.test(name) || config?.type === "ORIGINAL_DST" || config?.cluster_type) return [];
    if (hasHealthyHost(name, snapshot) !== false) return [];
    const met = snapshot.stats?.get(`cluster.${name}.upstream_cx_none_healthy`) ?? 0;
    const total = asObjects(snapshot.clusters?.find(each => each.name === name)?.host_statuses).length;
    const found = `${total === 0 ? "it has no hosts" : `none of its ${total} hosts is healthy`}${met > 0 ? `; ${met} requests were answered 503 UH for that` : ""}`;
    const mend =
      "no hosts: the Service's selector finds no ready pod, or its DNS name does not resolve; unhealthy: health checks or outlier detection took them out, see /clusters for the flags";
    return [{ id: "cluster-no-healthy-host", severity: met > 0 ? "error" : "warning", where: `cluster ${name}`, found, mend }];
  });
}
