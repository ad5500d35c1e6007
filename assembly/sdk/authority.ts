const BAR: i32 = 124;

/**
 * What a call to a cluster says whom it asks: the cluster's name, or the host in a name of Istio's, as in
 * `outbound|8080||authz.security.svc.cluster.local`. With its bars a name is no authority: Envoy and Go answer it with 400.
 */
export function authorityOf(cluster: string): string {
  for (let i = cluster.length; i > 0; i--) if (cluster.charCodeAt(i - 1) == BAR) return cluster.substring(i);
  return cluster;
}
