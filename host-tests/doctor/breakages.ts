import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { FindingId } from "../../scripts/doctor/index.ts";
import { statsTags } from "../../scripts/envoy-config/index.ts";
import type { EnvoySpec, FilterSpec, RunningEnvoy } from "../envoy/index.ts";
import { quietPort } from "../istio/quiet-port.ts";
import { certificate } from "./certificate.ts";
import { type Healthy, TELEMETRY } from "./patient.ts";

/** A way in which an Envoy is broken. */
export interface Breakage {
  /** Exactly what is found, in the order of the alphabet. */
  readonly finds: readonly FindingId[];
  /** How it came about, where an id has several cases. */
  readonly by?: string;
  readonly broken?: (around: Around) => EnvoySpec | Promise<EnvoySpec>;
  /** Changes what the form cannot say: the first listener and its connection manager. */
  readonly edit?: (listener: Loose, manager: Loose, folder: string) => void;
  readonly files?: Record<string, string>;
  /** Makes it show. */
  readonly act?: (envoy: RunningEnvoy, around: Around) => Promise<unknown>;
  /** Of the finding's text. */
  readonly says?: RegExp;
}

// biome-ignore lint/suspicious/noExplicitAny: a configuration as parsed, to be broken anywhere
export type Loose = any;

export interface Around extends Healthy {
  readonly upstream: string;
  readonly otlp: string;
}

const hcm = (hcm: Record<string, unknown>) => (around: Around) => around.listening({ hcm });
const filters = (list: FilterSpec[]) => (around: Around) => around.listening({ filters: list });
const tracing = (tracing: Record<string, unknown>) => (around: Around) => around.tracing({ tracing });
const get = (envoy: RunningEnvoy) => envoy.request("in", {}).catch(() => {});
const telemetry = (config: unknown, more: object = {}): FilterSpec => ({ ...TELEMETRY, config, ...more });
const WASM = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const EXTENSIONS = "type.googleapis.com/envoy.extensions";
const RBAC = `${EXTENSIONS}.filters.http.rbac.v3.RBAC`;
const PULLED = "extensions.istio.io/wasmplugin/shop.identity";
const cluster = (name: string, url: string, more: Record<string, unknown> = {}) => ({ name, url, cluster: more });

/** At least one for each finding that a configuration and a request can bring about. */
export const BREAKAGES: readonly Breakage[] = [
  {
    finds: ["tracer-missing"],
    broken: ({ listening }) => listening({ tracing: false, accessLog: { json: { traceparent: "%REQ(TRACEPARENT)%" } } }),
    says: /no tracing/,
  },
  { finds: ["log-trace-id-empty", "tracer-missing"], broken: ({ listening }) => listening({ tracing: false }) },
  {
    finds: ["tracer-cluster-missing"],
    broken: ({ tracing }) =>
      tracing({
        tracing: {
          provider: otlpProvider({ http_service: { http_uri: { uri: "http://nowhere/v1/traces", cluster: "nowhere", timeout: "1s" } } }),
        },
      }),
    says: /sends to cluster nowhere, and there are app/,
  },
  {
    finds: ["tracer-cluster-unhealthy"],
    broken: async ({ tracing }) => tracing({ otlp: `http://127.0.0.1:${await quietPort()}` }),
    act: get,
    says: /the tracer sends spans to it/,
  },
  {
    finds: ["tracer-cluster-unhealthy"],
    by: "a cluster without hosts",
    broken: ({ spec, tracing, otlp }) => ({
      ...tracing({
        tracing: { provider: otlpProvider({ http_service: { http_uri: { uri: `${otlp}/v1/traces`, cluster: "empty", timeout: "1s" } } }) },
      }),
      clusters: [...(spec.clusters ?? []), cluster("empty", otlp, { load_assignment: { cluster_name: "empty" } })],
    }),
  },
  {
    finds: ["tracer-cluster-http2"],
    broken: ({ spec, tracing, otlp }) => ({
      ...tracing({ tracing: { provider: otlpProvider({ grpc_service: { envoy_grpc: { cluster_name: "collector" } } }) } }),
      clusters: [...(spec.clusters ?? []), cluster("collector", otlp)],
    }),
  },
  {
    finds: ["tracer-export-refused"],
    broken: ({ tracing, otlp }) => tracing({ otlp: `${otlp}/wrong` }),
    act: get,
    says: /upstream_rq_4xx/,
  },
  {
    finds: ["spans-dropped"],
    broken: ({ listening, otlp }) => {
      const exporting = { cluster: "collector", batch: { max_queue: 1, max_spans: 1, interval_ms: 60_000 } };
      const filter = { name: "trace-context", wasm: "build/trace-context.wasm", config: { export: exporting } };
      const accessLog = { json: { traceparent: "%REQ(TRACEPARENT)%" } };
      return listening(
        { tracing: false, filters: [filter], accessLog, routes: [{ response: { status: 200 } }] },
        { clusters: [cluster("collector", otlp)] },
      );
    },
    // At once: of requests that follow one another, each span may be gone before the next one comes.
    act: envoy => Promise.all(Array.from({ length: 20 }, () => get(envoy))),
  },
  {
    finds: ["spans-twice"],
    broken: ({ spec, listening, otlp }) =>
      listening(
        {
          filters: [
            telemetry({ ...TELEMETRY.config, trace_context: {} }),
            { name: "trace-context", wasm: "build/trace-context.wasm", config: { export: { cluster: "collector" } } },
          ],
        },
        { clusters: [...(spec.clusters ?? []), cluster("collector", otlp)] },
      ),
  },
  { finds: ["sampling-zero"], broken: ({ tracing }) => tracing({ randomSampling: 0 }), says: /no request/ },
  { finds: ["sampling-zero"], by: "overall_sampling", broken: tracing({ overall_sampling: { value: 0 } }) },
  { finds: ["sampling-zero"], by: "the runtime", broken: ({ spec }) => ({ ...spec, runtime: { "tracing.random_sampling": 0 } }) },
  { finds: ["sampling-low"], broken: ({ tracing }) => tracing({ randomSampling: 0.5 }), says: /one request of 200/ },
  { finds: ["sampling-client-off"], broken: tracing({ client_sampling: { value: 0 } }) },
  { finds: ["request-id-off"], broken: hcm({ generate_request_id: false }) },
  {
    finds: ["request-id-not-packed"],
    broken: hcm({
      request_id_extension: {
        typed_config: { "@type": "type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig", pack_trace_reason: false },
      },
    }),
  },
  { finds: ["request-id-foreign"], broken: hcm({ preserve_external_request_id: true }) },
  {
    finds: ["remote-address-egress"],
    broken: ({ spec, listener }) => ({
      ...spec,
      listeners: [listener, { ...listener, name: "out", direction: "outbound", hcm: { use_remote_address: true } }],
    }),
  },
  { finds: ["propagation-off"], broken: tracing({ no_context_propagation: true }) },
  {
    finds: ["propagation-stripped"],
    broken: ({ listening }) => listening({ routes: [{ cluster: "app", route: { request_headers_to_remove: ["traceparent"] } }] }),
  },
  {
    finds: ["propagation-stripped"],
    by: "a mutation before routing",
    broken: hcm({
      early_header_mutation_extensions: [
        {
          name: "envoy.http.early_header_mutation.header_mutation",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
            mutations: [{ remove: "traceparent" }],
          },
        },
      ],
    }),
  },
  {
    finds: ["propagation-b3"],
    broken: ({ spec, tracing, otlp }) => ({
      ...tracing({
        tracing: {
          provider: {
            name: "envoy.tracers.zipkin",
            typed_config: {
              "@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig",
              collector_cluster: "zipkin",
              collector_endpoint: "/api/v2/spans",
              collector_endpoint_version: "HTTP_JSON",
            },
          },
        },
      }),
      clusters: [...(spec.clusters ?? []), cluster("zipkin", otlp)],
    }),
  },
  { finds: ["traceparent-undone"], broken: filters([telemetry({ ...TELEMETRY.config, trace_context: { parent_id: "renew" } })]) },
  { finds: ["upstream-span-missing"], edit: listener => delete listener.traffic_direction },
  { finds: ["span-tag-missing"], broken: ({ tracing }) => tracing({ customTags: {} }), says: /user\.id/ },
  {
    finds: ["span-tag-prefix"],
    broken: filters([telemetry({ span_attributes: { ...TELEMETRY.config.span_attributes, state_prefix: "own." } })]),
    says: /wasm\.span\.attributes\.user\.id.*wasm\.own\.user\.id/,
  },
  {
    finds: ["span-tag-plain"],
    broken: ({ tracing }) => tracing({ customTags: { "user.id": "%FILTER_STATE(wasm.span.attributes.user.id)%" } }),
  },
  {
    finds: ["span-tag-unset"],
    broken: ({ tracing }) =>
      tracing({
        customTags: {
          "user.id": "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%",
          cart: "%FILTER_STATE(wasm.span.attributes.cart:PLAIN)%",
        },
      }),
  },
  {
    finds: ["span-tag-unset"],
    by: "a field of the log",
    broken: ({ listening }) =>
      listening({ accessLog: { json: { trace_id: "%TRACE_ID%", cart: "%FILTER_STATE(wasm.span.attributes.cart:PLAIN)%" } } }),
  },
  { finds: ["log-missing"], broken: hcm({ access_log: [] }) },
  { finds: ["log-trace-id-missing"], broken: ({ listening }) => listening({ accessLog: { json: { path: "%REQ(:PATH)%" } } }) },
  {
    finds: ["log-trace-id-empty"],
    by: "state that nobody exposes",
    broken: ({ listening }) => listening({ accessLog: { json: { trace_id: "%FILTER_STATE(wasm.trace_context.trace_id:PLAIN)%" } } }),
  },
  {
    finds: ["wasm-fetch-failed"],
    broken: filters([TELEMETRY, { name: "remote", typedConfig: remoteModule() }]),
    act: get,
    says: /fail open/,
  },
  {
    finds: ["config-rejected", "filter-config-refused", "wasm-load-failed"],
    broken: ({ spec }) => ({ ...spec, dynamicListeners: true }),
    act: async (envoy, { listening }) => {
      expect((await envoy.update(listening({ filters: [telemetry({ span_attributes: { attributes: [{ name: 1 }] } })] }))).accepted).toBe(
        false,
      );
    },
    says: /attributes\[0\]\.name/,
  },
  {
    finds: ["config-updates-refused", "filter-config-refused"],
    broken: filters([{ ...TELEMETRY, discovered: true }]),
    act: async envoy => {
      expect((await envoy.updateFilter(telemetry({ nonsense: 1 }, { discovered: true }))).accepted).toBe(false);
    },
  },
  {
    finds: ["config-rejected", "filter-after-router"],
    broken: ({ spec }) => ({ ...spec, dynamicListeners: true }),
    act: async (envoy, { listening }) => {
      const late = { name: "late", typed_config: { "@type": `${EXTENSIONS}.filters.http.cors.v3.Cors` } };
      expect((await envoy.update(listening({ hcm: { http_filters: [ROUTER, late] } }))).accepted).toBe(false);
    },
    says: /late behind the router/,
  },
  {
    finds: ["config-updates-refused", "filter-not-received", "response-flags"],
    broken: async ({ spec }) => ({ ...spec, clusters: [...(spec.clusters ?? []), dead(await quietPort())] }),
    edit: (_, manager) => {
      const discovery = { config_source: deadSource("0.1s"), type_urls: [WASM] };
      manager.http_filters.unshift({ name: "absent", config_discovery: discovery });
    },
    act: get,
    says: /never came/,
  },
  {
    finds: ["wasm-replaced"],
    files: { "pulled.yaml": deniedByAgent() },
    edit: (_, manager, folder) => {
      const discovery = { config_source: { path_config_source: { path: join(folder, "pulled.yaml") } }, type_urls: [WASM, RBAC] };
      manager.http_filters.unshift({ name: PULLED, config_discovery: discovery });
    },
    says: /denies all/,
  },
  {
    finds: ["filter-disabled", "span-tag-unset"],
    edit: (_, manager) => {
      manager.http_filters[0].disabled = true;
    },
  },
  {
    finds: ["filter-missing", "span-tag-unset"],
    broken: ({ spec, listener }) => ({ ...spec, listeners: [listener, { ...listener, name: "other", filters: [] }] }),
  },
  {
    finds: ["auth-fail-open"],
    broken: filters([
      TELEMETRY,
      {
        name: "request-auth",
        wasm: "build/request-auth.wasm",
        config: { api_keys: { keys: [{ sha256: "0".repeat(64), user: "u1" }] } },
        failurePolicy: "FAIL_OPEN",
      },
    ]),
  },
  {
    finds: ["cluster-missing"],
    broken: ({ listening }) =>
      listening({
        hcm: {
          route_config: {
            name: "in",
            validate_clusters: false,
            virtual_hosts: [{ name: "in", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "gone" } }] }],
          },
        },
      }),
  },
  {
    finds: ["cluster-no-healthy-host", "response-flags"],
    broken: ({ spec, upstream }) => ({ ...spec, clusters: [cluster("app", upstream, { load_assignment: { cluster_name: "app" } })] }),
    act: get,
    says: /UH/,
  },
  {
    finds: ["response-flags"],
    by: "UF",
    broken: async ({ spec }) => ({ ...spec, clusters: [cluster("app", `http://127.0.0.1:${await quietPort()}`)] }),
    act: get,
    says: /UF/,
  },
  {
    finds: ["response-flags"],
    by: "NR",
    broken: ({ listening }) => listening({ routes: [{ path: "/only", cluster: "app" }] }),
    act: get,
    says: /NR/,
  },
  {
    finds: ["response-flags"],
    by: "UO",
    broken: ({ spec, upstream }) => ({
      ...spec,
      clusters: [cluster("app", upstream, { circuit_breakers: { thresholds: [{ max_pending_requests: 0 }] } })],
    }),
    act: get,
    says: /UO/,
  },
  {
    finds: ["config-updates-refused", "config-warming", "response-flags"],
    broken: async ({ spec }) => ({ ...spec, dynamicListeners: true, clusters: [...(spec.clusters ?? []), dead(await quietPort())] }),
    act: async (envoy, { listener, spec }) => {
      const rds = { route_config_name: "late", config_source: deadSource("0s") };
      await envoy.update({ ...spec, listeners: [{ ...listener, hcm: { route_config: undefined, rds } }] });
    },
  },
  {
    finds: ["control-plane-lost", "response-flags"],
    broken: async ({ spec }) => ({
      ...spec,
      clusters: [...(spec.clusters ?? []), dead(await quietPort())],
      bootstrap: { dynamic_resources: { ads_config: deadSource().api_config_source } },
    }),
  },
  { finds: ["server-not-live"], act: envoy => envoy.adminPost("/healthcheck/fail"), says: /DRAINING/ },
  { finds: ["certificate-expired"], edit: listener => tls(listener, -10, -1), says: /expired/ },
  { finds: ["certificate-expiring"], edit: listener => tls(listener, -10, 1) },
  {
    finds: ["tls-verify-failed"],
    edit: listener => tls(listener, -1, 100),
    act: envoy => envoy.raw("in", "GET / HTTP/1.1\r\nhost: a\r\n\r\n").catch(() => {}),
  },
  {
    finds: ["stats-label-missing"],
    broken: filters([TELEMETRY, { name: "tenant-metrics", wasm: "build/tenant-metrics.wasm" }]),
  },
  {
    finds: ["stats-cardinality"],
    broken: ({ listening }) => {
      const config = { labels: [{ name: "tenant", header: "x-tenant-id" }], max_series: 3 };
      const bootstrap = { stats_config: { stats_tags: statsTags(["tenant"]) } };
      return listening({ filters: [TELEMETRY, { name: "tenant-metrics", wasm: "build/tenant-metrics.wasm", config }] }, { bootstrap });
    },
    act: async envoy => {
      for (const tenant of "abcdef") await envoy.request("in", { headers: [["x-tenant-id", tenant]] });
    },
  },
];

function otlpProvider(service: object): object {
  const type = "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig";
  return { name: "envoy.tracers.opentelemetry", typed_config: { "@type": type, service_name: "shop", ...service } };
}

/** A management server that nobody runs. */
const dead = (port: number) => ({ name: "dead", url: `http://127.0.0.1:${port}`, http2: true });
function deadSource(initial_fetch_timeout = "0s") {
  const grpc_services = [{ envoy_grpc: { cluster_name: "dead" } }];
  return {
    api_config_source: { api_type: "GRPC", transport_api_version: "V3", grpc_services },
    initial_fetch_timeout,
    resource_api_version: "V3",
  };
}

function remoteModule(): Record<string, unknown> {
  const remote = {
    http_uri: { uri: "http://app/none.wasm", cluster: "app", timeout: "1s" },
    sha256: "0".repeat(64),
    retry_policy: { num_retries: 1 },
  };
  const vm_config = { runtime: "envoy.wasm.runtime.v8", code: { remote } };
  return { "@type": WASM, config: { name: "remote", root_id: "remote", failure_policy: "FAIL_OPEN", vm_config } };
}

/** What istio-agent makes of a WasmPlugin whose module it could not pull, with FAIL_CLOSE. */
function deniedByAgent(): string {
  const typed_config = { "@type": RBAC, rules: {} };
  return JSON.stringify({
    resources: [{ "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig", name: PULLED, typed_config }],
  });
}

/** A listener with TLS and a certificate of certain dates. */
function tls(listener: Loose, from: number, until: number): void {
  const folder = temporaryFolder();
  const { certificate: chain, key } = certificate(folder, from, until);
  const tls_certificates = [{ certificate_chain: { inline_string: chain }, private_key: { inline_string: key } }];
  const type = `${EXTENSIONS}.transport_sockets.tls.v3.DownstreamTlsContext`;
  listener.filter_chains[0].transport_socket = {
    name: "envoy.transport_sockets.tls",
    typed_config: { "@type": type, common_tls_context: { tls_certificates } },
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "meshwright-doctor-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const ROUTER = {
  name: "envoy.filters.http.router",
  typed_config: { "@type": `${EXTENSIONS}.filters.http.router.v3.Router` },
};
