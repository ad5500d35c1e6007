import { logProvider, type SpanTag } from "../manifests/index.ts";

/**
 * What istio/ and envoy/ are made from. Change it here, then `npm run manifests`.
 * `meshwright manifest` makes the same documents from the same configuration.
 */

/** Where the images are. A reader puts his own registry here. */
export const REGISTRY = "oci://registry.example.com/meshwright";
/** Where the collector of istio/collector runs, and what it is called; COLLECTOR of scripts/manifests is its address. */
export const OBSERVABILITY = "observability";
/** The distribution of the Collector that has all parts of otel/builder.yaml. */
export const COLLECTOR_IMAGE = "otel/opentelemetry-collector-contrib";
/** Envoy, where no mesh brings one. */
export const ENVOY_IMAGE = "envoyproxy/envoy:v1.40.0";
/** Names of the mesh's extensionProviders. */
export const PROVIDERS = {
  tracing: "opentelemetry",
  log: logProvider("mesh-telemetry", "json"),
  otlpLog: logProvider("mesh-telemetry", "otlp"),
  idLog: logProvider("trace-context", "json"),
};
/** Percent of new traces that are recorded. */
export const SAMPLING = 10;
/** Labels of istio_requests_total: each value makes a time series of its own, so tenants and not users. */
export const METRIC_TAGS = { tenant_id: "x-tenant-id" };

export const USER = { name: "user.id", header: "x-user-id", default: "anonymous" };
export const TENANT = { name: "tenant.id", header: "x-tenant-id" };

/** mesh-telemetry in a mesh: identity from the request, deployment from what Istio knows of the proxy. */
export const MESH_CONFIG = {
  span_attributes: {
    attributes: [
      USER,
      TENANT,
      { name: "cluster.name", node: "CLUSTER_ID", default: "unknown" },
      { name: "k8s.namespace.name", node: "NAMESPACE" },
      { name: "service.version", node: "LABELS.version", default: "unknown" },
    ],
  },
};

/** The same where requests of strangers come in: their baggage is dropped, their traceparent is kept for the eye only. */
export const GATEWAY_CONFIG = { ...MESH_CONFIG, trace_context: { trust: "none" } };

/** What is the same on every request costs nothing as a literal tag of the proxy. */
export const MESH_TAGS: readonly SpanTag[] = [{ name: "deployment.environment", source: { from: "literal", value: "production" } }];

/** In a mesh also the Pod, from the environment that Istio gives its proxies. */
export const POD_TAG: SpanTag = { name: "k8s.pod.name", source: { from: "env", variable: "POD_NAME", default: "unknown" } };

/** span-attributes with nothing but literals, for one workload. */
export const LITERAL_CONFIG = {
  custom_attributes: { "app.version": "v1.2.3", "deployment.environment": "production" },
  attributes: [],
};

/** trace-context where no tracer runs: a span id for each hop, and the ids in the access log. */
export const IDS_CONFIG = { parent_id: "renew", expose: ["trace_id", "span_id", "sampled"] };

/** Of traffic-split among the plugins of its phase: before those that put headers on spans, which may want to read the route header. */
export const SPLIT_PRIORITY = 10;

/** A canary of the service shop. */
export const SPLIT = {
  service: "shop",
  split: {
    experiment: "shop",
    variants: [
      { name: "stable", weight: 90, attributes: { canary: "false" } },
      { name: "canary", weight: 10, attributes: { canary: "true" } },
    ],
    rules: [{ header: "x-canary", equals: "always", variant: "canary" }],
    sticky: [{ header: "x-user-id" }, { cookie: "session" }],
  },
};

/** Who, in which version of the user interface, with which result, and whether it became an order. */
export const METRICS_CONFIG = {
  labels: [
    { name: "tenant", header: "x-tenant-id", default: "anonymous" },
    { name: "ui_version", header: "x-ui-version", default: "none" },
    { name: "conversion", response_header: "x-conversion", default: "none" },
    { name: "code", response: "code_class", default: "none" },
  ],
  max_series: 1000,
};

/** The service that decides about tokens. Outside of the mesh, so that nothing has to be known of it but its name. */
export const DECISION_SERVICE = { host: "authz.example.com", port: 443 };
export const AUTH_CONFIG = {
  decision: {
    cluster: `outbound|${DECISION_SERVICE.port}||${DECISION_SERVICE.host}`,
    path: "/decide",
    timeout_ms: 500,
    cache: { ttl_ms: 5000, max_entries: 1000 },
    on_error: "deny",
  },
  public_paths: ["/healthz"],
  realm: "shop",
};

/** The same before an Envoy of your own. */
export const ENVOY_AUTH_CONFIG = { ...AUTH_CONFIG, decision: { ...AUTH_CONFIG.decision, cluster: "authz" } };

/** mesh-telemetry in an Envoy of your own, at the edge or before a service. */
export const ENVOY_CONFIG = {
  span_attributes: {
    attributes: [USER, TENANT, { name: "app.version", env: "APP_VERSION", default: "unknown" }],
  },
};

/** The same without a tracer. */
export const ENVOY_IDS_CONFIG = { ...ENVOY_CONFIG, trace_context: IDS_CONFIG };
