import type { Collector } from "./collector.ts";

/** What a manifest is made from. */
export interface ManifestRequest {
  /** The filter's name: root id, pluginName, the name in Envoy's log. */
  readonly filter: string;
  /** Name of the Kubernetes objects; the filter's by default. */
  readonly name?: string | undefined;
  readonly namespace: string;
  /** The plugin configuration; undefined when there is none. */
  readonly config: unknown;
  /** What the module imports and exports. */
  readonly edges: ModuleEdges;
  readonly code: Code;
  readonly failurePolicy: "closed" | "open" | "reload";
  readonly runtime: "v8" | "wasmtime" | "wamr";
  readonly phase: Phase;
  /** Among the plugins of a phase: the highest is the first; 0 when left out. */
  readonly priority?: number | undefined;
  readonly context: Context;
  readonly scope: Scope;
  /** Which side of the proxies; both where it is left out. Of Istio's own resources only, an EnvoyFilter has `context`. */
  readonly mode?: "SERVER" | "CLIENT" | undefined;
  /** An extensionProvider of the mesh, for Telemetry; without one the mesh's defaultProviders count. */
  readonly provider?: string | undefined;
  /** Percent of the requests without a parent that are traced; the mesh's own when left out. */
  readonly sampling?: number | undefined;
  /** An extensionProvider that writes the access log, for Telemetry. */
  readonly accessLog?: string | undefined;
  /** How an access log is written that is no extensionProvider's: Envoy's own, and that of the Helm values. JSON by default. */
  readonly logForm?: LogForm | undefined;
  /** Which requests are logged: an expression in CEL; all of them when left out. */
  readonly logWhen?: string | undefined;
  /** Where Envoy's log and the mesh's providers send to. */
  readonly collector?: Collector | undefined;
  /** Labels of Istio's metrics, by name, each with the request header that it is taken from. */
  readonly metricTags?: Readonly<Record<string, string>> | undefined;
  /** Beside those of the filter's configuration. */
  readonly tags?: readonly SpanTag[] | undefined;
  /** Literals of the filter's configuration become custom tags, and the filter is no longer told of them. */
  readonly staticTags?: boolean | undefined;
  /** false: no tracer runs; Envoy gets no custom tags, and its log shows the ids that trace-context exposes. */
  readonly tracer?: boolean | undefined;
  /** trace-context in the clusters, behind Envoy's tracer, with the early header mutation before it; `config` then has behind_tracer. */
  readonly behindTracer?: boolean | undefined;
  /** The filter stands behind a matcher and sees only requests whose span Envoy's tracer exports. */
  readonly skipUnsampled?: boolean | undefined;
  /** Hosts whose clusters an EnvoyFilter changes, for what Envoy would otherwise change of all of the context. */
  readonly services?: readonly string[] | undefined;
  readonly istioVersion: string;
  readonly envoyVersion: string;
}

export type Target = "istio" | "traffic-extension" | "envoyfilter" | "envoy" | "helm-values";
/** Lines on standard output, or records to the collector. */
export type LogForm = "json" | "otlp";
export type Phase = "AUTHN" | "AUTHZ" | "STATS" | "UNSPECIFIED";
export type Context = "SIDECAR_INBOUND" | "SIDECAR_OUTBOUND" | "GATEWAY";

/** A span attribute, and where tracing finds its value. */
export interface SpanTag {
  readonly name: string;
  readonly source: TagSource;
}

export type TagSource =
  /** What `Span.setAttribute` stored under the tag's name, or a filter under the name with another prefix. */
  | { readonly from: "state"; readonly prefix?: string | undefined }
  | { readonly from: "header"; readonly header: string; readonly default?: string | undefined }
  | { readonly from: "literal"; readonly value: string }
  /** Of the proxy. */
  | { readonly from: "env"; readonly variable: string; readonly default?: string | undefined };

/** Where the module comes from. */
export type Code =
  /** `sha256` is of the manifest, in hexadecimal; null leaves the image unpinned. */
  | { readonly from: "image"; readonly url: string; readonly sha256: string | null }
  /** `sha256` is of the module. Without a cluster of Envoy's the manifest brings one. */
  | { readonly from: "url"; readonly url: string; readonly sha256: string; readonly cluster?: string | undefined }
  | { readonly from: "file"; readonly path: string };

/** Which proxies: all of the namespace, those with labels, or a Gateway (Gateway API). */
export type Scope =
  | { readonly kind: "all" }
  | { readonly kind: "labels"; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: "gateway"; readonly name: string };

export interface ModuleEdges {
  readonly imports: readonly { readonly name: string; readonly kind: string }[];
  readonly exports: readonly { readonly name: string; readonly kind: string }[];
}

/** What cannot be made. `target`: the request makes no sense; `config`: the configuration does not fit. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
  readonly code: "target" | "config";

  constructor(code: "target" | "config", message: string) {
    super(`manifest: ${message}`);
    this.code = code;
  }
}
