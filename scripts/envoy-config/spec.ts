/** What an Envoy for a test, `meshwright run` or the demo should do; `envoyConfig` turns it into a bootstrap. */
export interface EnvoySpec {
  listeners: ListenerSpec[];
  clusters?: ClusterSpec[];
  /** Tracer of every listener that does not say otherwise. */
  tracing?: TracingSpec;
  node?: NodeSpec;
  /** Listeners come from a watched file (LDS), so that `envoy.update(spec)` can change them under load. */
  dynamicListeners?: boolean;
  /** Further runtime keys, e.g. `{"envoy.reloadable_features.x": false}`. */
  runtime?: Record<string, unknown>;
  /** Merged over the bootstrap as the last step, for what this form cannot say. */
  bootstrap?: Record<string, unknown>;
}

export interface NodeSpec {
  id?: string;
  cluster?: string;
  /** What Istio's proxies carry: CLUSTER_ID, MESH_ID, NAMESPACE, LABELS… */
  metadata?: Record<string, unknown>;
}

export interface ListenerSpec {
  name: string;
  /** 0 or absent: any free port, see `envoy.port(name)`. */
  port?: number;
  /** Direction of the spans: inbound makes SERVER spans, outbound CLIENT spans. Inbound by default. */
  direction?: "inbound" | "outbound";
  filters?: FilterSpec[];
  /** Tried in order. Without any, everything goes to the first cluster, or is answered 200 "ok" when there is none. */
  routes?: RouteSpec[];
  /** false: no tracer on this listener. */
  tracing?: TracingSpec | false;
  accessLog?: AccessLogSpec;
  /** Name of a cluster: the listener is a TCP proxy to it, and `filters` are network filters; what is said of HTTP does not apply. */
  tcp?: string;
  /** Bytes that filters may buffer of a request or response; Envoy's default is 1 MiB. */
  bufferLimit?: number;
  /** Merged over the HttpConnectionManager, e.g. `{ codec_type: "HTTP2" }`. */
  hcm?: Record<string, unknown>;
  /** Merged over the Listener, e.g. `{ connection_balance_config: { exact_balance: {} } }`. */
  listener?: Record<string, unknown>;
}

export interface RouteSpec {
  /** Path prefix; "/" by default. */
  prefix?: string;
  path?: string;
  /** Header that must be present with exactly this value. */
  header?: { name: string; value: string };
  cluster?: string;
  response?: { status: number; body?: string };
  /** Merged over the Route, e.g. `{ typed_per_filter_config: {…} }`. */
  route?: Record<string, unknown>;
}

export interface ClusterSpec {
  name: string;
  /** http://host:port; a loopback host means this machine and is rewritten where Envoy runs in a container. */
  url: string;
  http2?: boolean;
  /** Upstream HTTP filters: they run after the tracer has written its headers. */
  filters?: FilterSpec[];
  /** Merged over the Cluster. */
  cluster?: Record<string, unknown>;
}

/** Where a filter stands: in an HTTP listener, in a cluster, in a TCP listener. */
export type FilterKind = "http" | "upstream_http" | "network";

/** A Wasm filter, or any other one by its typed configuration. */
export type FilterSpec = WasmFilterSpec | TypedFilterSpec;

export interface WasmFilterSpec {
  name: string;
  /** Path of the module on this machine. */
  wasm: string;
  /** An object becomes JSON; a string is handed over as it is; absent: the module gets no bytes. */
  config?: unknown;
  rootId?: string;
  /** Filters with the same vmId, module, vmConfig and env share a VM. */
  vmId?: string;
  /** The VM's own configuration, as `config`. */
  vmConfig?: unknown;
  env?: Record<string, string>;
  failurePolicy?: "FAIL_CLOSED" | "FAIL_OPEN" | "FAIL_RELOAD";
  runtime?: string;
  /** The filter comes from a watched file (ECDS) and can be changed by `envoy.updateFilter`. */
  discovered?: boolean;
  /** In an HTTP listener: Envoy leaves the filter out for requests whose span is not exported, as the tracer of this version ("1.40") decides. */
  skipUnsampled?: string;
  /** Merged over PluginConfig, e.g. `{ allow_on_headers_stop_iteration: true }`. */
  plugin?: Record<string, unknown>;
}

export interface TypedFilterSpec {
  name: string;
  /** With its "@type". */
  typedConfig: Record<string, unknown>;
}

export interface TracingSpec {
  /** Base URL of an OTLP/HTTP receiver, http://127.0.0.1:4318; spans go to /v1/traces. */
  otlp: string;
  /** service.name of the spans; the listener's name by default. */
  service?: string;
  customTags?: Record<string, CustomTag>;
  /** Name of the spans, a format: `%REQ(:METHOD)% %REQ(:PATH)%`; Envoy's own is "ingress" or "egress" with the host. */
  operation?: string;
  /** Percent, 100 by default. */
  randomSampling?: number;
  /** Envoy's span for the call upstream, beside the one for the request it received. */
  spawnUpstreamSpan?: boolean;
  /** Merged over HttpConnectionManager.tracing. */
  tracing?: Record<string, unknown>;
}

/** A string is a format like `%FILTER_STATE(wasm.user_id:PLAIN)%` and needs Envoy 1.37. */
export type CustomTag = string | { literal: string } | { header: string; default?: string } | { env: string; default?: string };

export interface AccessLogSpec {
  /** One JSON object per line; the values are formats. */
  json: Record<string, string>;
  /** "file" (default) is read by `envoy.accessLog(listener)`; "stdout" puts the lines among Envoy's log. */
  to?: "file" | "stdout";
}
