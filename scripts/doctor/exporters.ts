import { asText, at, isOfType, type Json, objectsIn } from "./json.ts";
import type { Manager, ProxyConfig } from "./proxy.ts";
import { traceSettings, type WasmPlugin, wasmPlugin } from "./wasm-plugin.ts";

/** Who makes spans or ids for a connection manager's requests. */
export interface Tracing {
  /** Envoy's tracer; null where none runs. */
  readonly provider: Json | null;
  /** Plugins that write traceparent themselves. */
  readonly renewing: readonly WasmPlugin[];
  readonly exporting: readonly WasmPlugin[];
}

export function tracingOf(manager: Manager, { bootstrap }: ProxyConfig): Tracing {
  const tracing = manager.config.tracing;
  const provider = tracing === undefined ? {} : at(tracing, "provider");
  const inherited = tracing === undefined ? {} : at(bootstrap, "tracing", "http");
  const found = [provider, inherited].find(each => Object.keys(each).length > 0) ?? null;
  const plugins = pluginsOf(manager);
  return {
    provider: found,
    renewing: plugins.filter(plugin => traceSettings(plugin)?.parent_id === "renew"),
    exporting: plugins.filter(plugin => traceSettings(plugin)?.export !== undefined),
  };
}

export function pluginsOf({ filters }: Manager): WasmPlugin[] {
  return filters.filter(({ isDisabled }) => !isDisabled).flatMap(filter => wasmPlugin(filter) ?? []);
}

/** A cluster to which spans go. */
export interface Exporter {
  readonly cluster: string;
  readonly isGrpc: boolean;
  /** What sends them: "the tracer", or a filter. */
  readonly sender: string;
  readonly where: string;
}

export function exportersOf(manager: Manager, proxy: ProxyConfig): Exporter[] {
  const { provider, exporting } = tracingOf(manager, proxy);
  const ofTracer = provider ? providerClusters(at(provider, "typed_config")) : [];
  return [
    ...ofTracer.map(each => ({ ...each, sender: "the tracer", where: `${manager.where}, tracing.provider` })),
    ...exporting.map(plugin => {
      const { cluster, protocol } = at(traceSettings(plugin), "export");
      return { cluster: asText(cluster), isGrpc: protocol === "grpc", sender: plugin.name, where: plugin.filter.where };
    }),
  ].filter(({ cluster }) => cluster !== "");
}

function providerClusters(config: Json): { cluster: string; isGrpc: boolean }[] {
  if (isOfType(config, "ZipkinConfig") || isOfType(config, "DatadogConfig"))
    return [{ cluster: asText(config.collector_cluster), isGrpc: false }];
  // OpenTelemetry, SkyWalking and others name their services in the same two messages.
  return [...objectsIn(config)].flatMap(({ envoy_grpc, http_uri }) => [
    ...(envoy_grpc ? [{ cluster: asText(at(envoy_grpc).cluster_name), isGrpc: true }] : []),
    ...(http_uri ? [{ cluster: asText(at(http_uri).cluster), isGrpc: false }] : []),
  ]);
}
