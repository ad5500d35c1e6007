import { earlyHeaderMutation } from "../envoy-config/index.ts";
import { ManifestError, type ManifestRequest } from "./request.ts";

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const CODEC = "type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec";
const HTTP_AND_HTTP2 = { http_protocol_options: {}, http2_protocol_options: {} };

/** Before the tracer, in the HttpConnectionManager: what the tracer would stumble over is taken away and kept. */
export const beforeTracer = (): Record<string, unknown> => ({ early_header_mutation_extensions: earlyHeaderMutation() });

/**
 * Behind the tracer, in a cluster. Which protocol the cluster speaks has to be said beside the filters: HTTP/1.1, as clusters do without
 * options, or the client's own where one cluster serves both.
 */
export function afterTracer(filter: Record<string, unknown>, protocol: "http1" | "downstream"): Record<string, unknown> {
  const upstream =
    protocol === "http1" ? { explicit_http_config: { http_protocol_options: {} } } : { use_downstream_protocol_config: HTTP_AND_HTTP2 };
  const http_filters = [filter, { name: "envoy.filters.http.upstream_codec", typed_config: { "@type": CODEC } }];
  return { typed_extension_protocol_options: { [OPTIONS]: { "@type": `type.googleapis.com/${OPTIONS}`, ...upstream, http_filters } } };
}

/** The configuration with which the filter runs there. */
export function behindTracerConfig({ filter, config }: Pick<ManifestRequest, "filter" | "config">): unknown {
  if (filter !== "trace-context") {
    throw new ManifestError("target", `trace-context runs behind the tracer, ${filter} does not; leave out --behind-tracer`);
  }
  return { ...(typeof config === "object" ? config : {}), behind_tracer: true };
}
