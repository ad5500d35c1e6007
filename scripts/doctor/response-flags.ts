interface Flag {
  readonly meaning: string;
  readonly mend: string;
}

const flag = (meaning: string, mend: string): Flag => ({ meaning, mend });

/** Envoy's %RESPONSE_FLAGS%: what happened, and where to look. */
export const FLAGS: Readonly<Record<string, Flag>> = {
  UH: flag("no healthy upstream host", "see the cluster's hosts in /clusters: no ready pods, failed health checks, or outlier detection"),
  UF: flag(
    "connection to the upstream failed",
    "see that the host listens on this port; with mTLS, that both sides agree on it; that nothing between drops it",
  ),
  UO: flag(
    "a circuit breaker is open",
    "raise circuit_breakers (Istio: connectionPool in DestinationRule), or see why the upstream is slow",
  ),
  NR: flag("no route matches", "compare host and path with the routes (Istio: the VirtualService's hosts, gateways and matches)"),
  NC: flag("the route's cluster does not exist", "add the cluster, or correct the route (Istio: host and subset of the VirtualService)"),
  URX: flag("all retries are used up, or too many connection attempts failed", "find why the tries fail; more retries make it worse"),
  UT: flag(
    "the upstream took longer than the route's timeout",
    "see where it spends its time, in the trace; raise the route's timeout if it may",
  ),
  UC: flag(
    "the upstream closed the connection during a request",
    "let the upstream keep idle connections longer than Envoy's idle_timeout; see whether it crashed",
  ),
  UR: flag("the upstream reset the stream", "see the upstream's log"),
  UPE: flag(
    "the upstream broke the protocol",
    "let the cluster's protocol be what the upstream speaks (Istio: the name of the Service's port)",
  ),
  LR: flag("Envoy reset the stream", "see response_code_details in the log"),
  LH: flag("the health check of the local service failed", "see the health_check filter and the service"),
  DC: flag("the client went away", "see whether clients have a shorter timeout than the route"),
  DPE: flag("the client broke the protocol", "see response_code_details; often TLS sent to a port for plain text, or the other way round"),
  DT: flag("the request or connection lasted longer than max_connection_duration or the stream's limit", "raise the limit if it may"),
  SI: flag("nothing moved for stream_idle_timeout", "raise it for streams that are long silent"),
  IH: flag("a header with a forbidden value", "see response_code_details"),
  DI: flag("a delay was injected", "a fault filter does that on purpose; take the fault away when the test is over"),
  FI: flag("a fault was injected", "a fault filter does that on purpose; take the fault away when the test is over"),
  RL: flag("rate limited", "see the rate limit's rules; the client has to slow down"),
  RLSE: flag("the rate limit service failed", "see the service; failure_mode_deny says what becomes of requests"),
  UAEX: flag("denied by the external authorisation service", "see its answer and its log"),
  UMSDR: flag("too many retries or redirects in a stream", "see the retry policy"),
  OM: flag("the overload manager ended it", "Envoy is short of memory or connections: see /stats?filter=overload"),
  DF: flag("DNS failed", "see that the upstream's name resolves from the proxy's container"),
  DO: flag("dropped by the load balancer's drop_overload", "see the endpoints' policy"),
  DR: flag("the upstream was drained of a connection reset", "see the upstream's log"),
  NFCF: flag("a filter's configuration by ECDS has not come", "see filter-not-received"),
  RFCF: flag("answered from the cache", "nothing to do"),
};

/** Counters that are raised together with a flag. */
export const FLAG_OF_STAT: Readonly<Record<string, string>> = {
  "cluster.upstream_cx_none_healthy": "UH",
  "cluster.upstream_cx_connect_fail": "UF",
  "cluster.upstream_cx_overflow": "UO",
  "cluster.upstream_rq_pending_overflow": "UO",
  "cluster.upstream_rq_retry_limit_exceeded": "URX",
  "cluster.upstream_rq_timeout": "UT",
  "cluster.upstream_rq_per_try_timeout": "UT",
  "cluster.upstream_cx_destroy_remote_with_active_rq": "UC",
  "cluster.upstream_rq_rx_reset": "UR",
  "cluster.upstream_cx_protocol_error": "UPE",
  "http.no_route": "NR",
  "http.no_cluster": "NC",
  "http.downstream_cx_protocol_error": "DPE",
  "http.downstream_rq_idle_timeout": "SI",
  "http.downstream_rq_max_duration_reached": "DT",
  "http.fault.aborts_injected": "FI",
  "http.fault.delays_injected": "DI",
  "http.rbac.denied": "UAEX",
  "http.ext_authz.denied": "UAEX",
  "http.downstream_rq_overload_close": "OM",
};
