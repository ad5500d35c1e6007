import { compareVersions } from "../envoy/versions.ts";
import { metricLabels, statsTags } from "../envoy-config/index.ts";
import { accessLog, logsOverGrpc } from "./access-log.ts";
import { afterTracer, beforeTracer } from "./behind-tracer.ts";
import { COLLECTOR, type Collector, collectorCluster, collectorGrpcCluster } from "./collector.ts";
import { ManifestError, type ManifestRequest, type SpanTag } from "./request.ts";
import { forSampledOnly } from "./skip-unsampled.ts";
import { envoyTag } from "./tag-forms.ts";
import { moduleCluster, wasmFilter } from "./wasm-filter.ts";

export interface EnvoyBlocks {
  /** None where the filter stands in the clusters. */
  readonly http_filters?: readonly Record<string, unknown>[];
  readonly tracing?: { readonly custom_tags: readonly Record<string, unknown>[] };
  readonly access_log: readonly Record<string, unknown>[];
  readonly clusters?: readonly Record<string, unknown>[];
  /** Of the bootstrap. */
  readonly stats_config?: { readonly stats_tags: readonly object[] };
  /** Of the clusters of the routes. */
  readonly typed_extension_protocol_options?: Record<string, unknown>;
}

/**
 * What goes into an HttpConnectionManager, and beside it: clusters where the module is fetched and where the log goes, labels for the
 * bootstrap, options for the clusters.
 */
export function envoyBlocks(
  request: ManifestRequest,
  config: unknown,
  tags: readonly SpanTag[],
  collector: Collector = request.collector ?? COLLECTOR,
): EnvoyBlocks {
  if (request.code.from === "image") {
    throw new ManifestError("target", "Envoy pulls no images; give --remote URL, or take target istio");
  }
  const module = moduleCluster(request);
  const clusters = [...(module ? [module] : []), ...logClusters(request, collector)];
  const restricts = compareVersions(request.envoyVersion, "1.40") < 0 ? "plugin" : "vm";
  const traces = request.tracer !== false;
  const labels = metricLabels(request.filter, config);
  const filter = wasmFilter(request, config, restricts);
  const entry = forSampledOnly(request, filter, request.envoyVersion);
  return {
    ...(request.behindTracer ? beforeTracer() : { http_filters: [entry] }),
    ...(traces && tags.length > 0 ? { tracing: { custom_tags: tags.map(envoyTag) } } : {}),
    access_log: [accessLog(request, tags, collector)],
    ...(clusters.length > 0 ? { clusters } : {}),
    ...(labels.length > 0 ? { stats_config: { stats_tags: statsTags(labels) } } : {}),
    ...(request.behindTracer ? afterTracer(filter, "http1") : {}),
  };
}

function logClusters(request: ManifestRequest, collector: Collector): Record<string, unknown>[] {
  if (request.logForm !== "otlp") return [];
  return [logsOverGrpc(request) ? collectorGrpcCluster(collector) : collectorCluster(collector)];
}
