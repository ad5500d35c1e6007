import { httpFilter, networkFilter } from "./filters.ts";
import { accessLogPath, type Place } from "./place.ts";
import type { AccessLogSpec, EnvoySpec, ListenerSpec, RouteSpec } from "./spec.ts";
import { httpTracing } from "./tracing.ts";

const HCM = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const TCP_PROXY = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
const ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";

export function listener(spec: EnvoySpec, entry: ListenerSpec, index: number, place: Place): Record<string, unknown> {
  const port = entry.port || place.listenerPort(index);
  return {
    name: entry.name,
    address: { socket_address: { address: place.listenAddress, port_value: port } },
    traffic_direction: entry.direction === "outbound" ? "OUTBOUND" : "INBOUND",
    ...(entry.bufferLimit === undefined ? {} : { per_connection_buffer_limit_bytes: entry.bufferLimit }),
    filter_chains: [{ filters: networkFilters(spec, entry, place) }],
    ...entry.listener,
  };
}

function networkFilters(spec: EnvoySpec, entry: ListenerSpec, place: Place): Record<string, unknown>[] {
  if (entry.tcp === undefined) {
    return [{ name: "envoy.filters.network.http_connection_manager", typed_config: connectionManager(spec, entry, place) }];
  }
  const proxy = { "@type": TCP_PROXY, stat_prefix: entry.name, cluster: entry.tcp };
  return [
    ...(entry.filters ?? []).map(filter => networkFilter(filter, place)),
    { name: "envoy.filters.network.tcp_proxy", typed_config: proxy },
  ];
}

function connectionManager(spec: EnvoySpec, entry: ListenerSpec, place: Place): Record<string, unknown> {
  const tracing = entry.tracing ?? spec.tracing;
  const manager: Record<string, unknown> = {
    "@type": HCM,
    stat_prefix: entry.name,
    route_config: {
      name: entry.name,
      virtual_hosts: [{ name: entry.name, domains: ["*"], routes: (entry.routes ?? defaultRoutes(spec)).map(route) }],
    },
    http_filters: [
      ...(entry.filters ?? []).map(filter => httpFilter(filter, place)),
      { name: "envoy.filters.http.router", typed_config: { "@type": ROUTER } },
    ],
  };
  if (tracing) manager.tracing = httpTracing(tracing, entry.name);
  if (entry.accessLog) manager.access_log = [accessLog(entry.accessLog, entry.name, place)];
  return { ...manager, ...entry.hcm };
}

function defaultRoutes(spec: EnvoySpec): RouteSpec[] {
  const cluster = spec.clusters?.[0]?.name;
  return [cluster ? { cluster } : { response: { status: 200, body: "ok" } }];
}

function route(entry: RouteSpec): Record<string, unknown> {
  const match: Record<string, unknown> = entry.path ? { path: entry.path } : { prefix: entry.prefix ?? "/" };
  if (entry.header) match.headers = [{ name: entry.header.name, string_match: { exact: entry.header.value } }];
  const { response } = entry;
  const action = response
    ? { direct_response: { status: response.status, ...(response.body === undefined ? {} : { body: { inline_string: response.body } }) } }
    : { route: { cluster: entry.cluster, timeout: "15s" } };
  return { match, ...action, ...entry.route };
}

function accessLog(log: AccessLogSpec, listenerName: string, place: Place): Record<string, unknown> {
  const log_format = { json_format: log.json };
  if (log.to === "stdout") {
    const type = "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog";
    return { name: "envoy.access_loggers.stdout", typed_config: { "@type": type, log_format } };
  }
  const type = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";
  return { name: "envoy.access_loggers.file", typed_config: { "@type": type, path: accessLogPath(place, listenerName), log_format } };
}
