import type { ByteString } from "./bytes.ts";
import { utf8 } from "./bytes.ts";
import type { Context } from "./context.ts";
import type { HeaderMap } from "./header-map.ts";
import { HttpFilter } from "./http-filter.ts";
import { grpcOfHttp } from "./local-reply.ts";
import { nodeMessage } from "./node.ts";
import { gap } from "./refusal.ts";
import type { StreamInfo } from "./stream-info.ts";
import { givenValue, int, mapOf, text, uint, type Value } from "./value.ts";

/** The attribute `name` (the first part of a property's path) in this context; undefined when there is none. */
export function attribute(context: Context, name: ByteString, last: boolean): Value | undefined {
  const given = context.info?.given[name];
  if (given !== undefined) return givenValue(given);
  const group = GROUPS[name];
  if (group) {
    const fields = group(context);
    if (fields) return lookup(name, fields, context);
  }
  switch (name) {
    case "plugin_name":
      return text(utf8(context.settings.name));
    case "plugin_root_id":
      return text(utf8(context.rootId));
    case "plugin_vm_id":
      return text(utf8(context.vm.settings.vmId));
    case "connection_id":
      return context.mutableInfo ? uint(context.mutableInfo.connection.id) : undefined;
    default:
      return context.info?.filterState.wasm(name, last);
  }
}

/** The attributes of a group, each made when it is asked for. */
type Fields = Readonly<Record<string, () => Value | undefined>>;

function lookup(group: string, fields: Fields, context: Context): Value {
  const given = context.info?.given ?? {};
  return {
    type: "map",
    get: key => {
      const own = given[`${group}.${key}`];
      return own !== undefined ? givenValue(own) : fields[key]?.();
    },
    keys: () => null,
  };
}

const GROUPS: Readonly<Record<string, (context: Context) => Fields | null>> = {
  request: context => (context.info ? request(context, context.info) : null),
  response: context => (context.info ? response(context, context.info) : null),
  connection: context => (context.info ? connection(context.info) : null),
  source: context => (context.info ? peer(context.info.connection.source) : null),
  destination: context => (context.info ? peer(context.info.connection.destination) : null),
  upstream: context => (context.info ? upstream(context.info) : null),
  xds,
  filter_state: context => (context.info ? filterState(context.info) : null),
  metadata: context => (context.info ? { filter_metadata: () => mapOf([]) } : null),
};

const headersOf = (context: Context, type: number): HeaderMap | null => context.readableMap(type);

function headerMap(headers: HeaderMap | null): Value {
  const names = (): ByteString[] => [...new Set(headers?.pairs().map(([name]) => name))];
  return {
    type: "map",
    get: name => (headers?.has(name) ? text(headers.all(name).join(",")) : undefined),
    keys: names,
  };
}

function request(context: Context, info: StreamInfo): Fields {
  const headers = headersOf(context, 0);
  const header = (name: string) => (): Value | undefined => {
    const value = headers?.get(name);
    return value === undefined ? undefined : text(value);
  };
  const path = headers?.get(":path");
  const query = path?.indexOf("?") ?? -1;
  return {
    headers: () => headerMap(headers),
    headers_bytes: () => (context.vm.host.envoy.hasHeadersBytes ? int(headers?.byteSize ?? 0) : undefined),
    time: () => ({ type: "timestamp", value: info.startTime }),
    size: () => {
      const length = headers?.get("content-length");
      if (length === undefined) return int(info.bytesReceived);
      return /^-?\d+$/.test(length) ? int(BigInt(length)) : undefined;
    },
    total_size: () => int(info.bytesReceived + (headers?.byteSize ?? 0)),
    duration: () => (info.duration === null ? undefined : { type: "duration", value: info.duration }),
    protocol: () => (info.protocol === null ? undefined : text(info.protocol)),
    path: header(":path"),
    url_path: () => (path === undefined ? (headers ? text("") : undefined) : text(query < 0 ? path : path.slice(0, query))),
    host: header(":authority"),
    scheme: header(":scheme"),
    method: header(":method"),
    referer: header("referer"),
    id: header("x-request-id"),
    useragent: header("user-agent"),
    query: () => (headers ? text(query < 0 ? "" : (path?.slice(query + 1).split("#")[0] ?? "")) : undefined),
  };
}

function response(context: Context, info: StreamInfo): Fields {
  const headers = headersOf(context, 2);
  const trailers = context instanceof HttpFilter ? context.readableMap(3) : null;
  return {
    code: () => (info.responseCode === null ? undefined : int(info.responseCode)),
    size: () => int(info.bytesSent),
    headers: () => headerMap(headers),
    headers_bytes: () => (context.vm.host.envoy.hasHeadersBytes ? int(headers?.byteSize ?? 0) : undefined),
    trailers: () => headerMap(trailers),
    flags: () => int(info.responseFlags),
    grpc_status: () => grpcStatus(headers, trailers, info.responseCode),
    total_size: () => int(info.bytesSent + (headers?.byteSize ?? 0) + (trailers?.byteSize ?? 0)),
    code_details: () => (info.responseCodeDetails === null ? undefined : text(info.responseCodeDetails)),
    backend_latency: () => (info.backendLatency === null ? undefined : { type: "duration", value: info.backendLatency }),
  };
}

/** What gRPC says, or else what it would say for the HTTP status. */
function grpcStatus(headers: HeaderMap | null, trailers: HeaderMap | null, code: number | null): Value | undefined {
  const value = trailers?.get("grpc-status") ?? headers?.get("grpc-status");
  if (value !== undefined) return /^\d+$/.test(value) ? int(BigInt(value)) : undefined;
  return code === null ? undefined : int(grpcOfHttp(code));
}

function connection(info: StreamInfo): Fields {
  return {
    mtls: () => ({ type: "bool", value: info.connection.mtls ?? false }),
    requested_server_name: () => text(info.connection.requestedServerName ?? ""),
    id: () => uint(info.connection.id),
    termination_details: () => (info.connectionTerminationDetails === null ? undefined : text(info.connectionTerminationDetails)),
  };
}

function peer(address: string): Fields {
  return {
    address: () => text(address),
    port: () => int(Number(/:(\d+)$/.exec(address)?.[1] ?? 0)),
  };
}

function upstream(info: StreamInfo): Fields {
  const cluster: Fields = info.upstream ? { num_endpoints: () => uint(1) } : {};
  const attempts: Fields = { request_attempt_count: () => uint(info.upstream?.address ? 1 : 0) };
  const failure: Fields = info.upstreamBegun ? { transport_failure_reason: () => text(info.transportFailureReason) } : {};
  // Known when there is a connection.
  if (!info.upstream?.address) return { ...cluster, ...attempts, ...failure };
  return {
    ...cluster,
    ...attempts,
    ...peer(info.upstream.address),
    ...failure,
    local_address: () => text("127.0.0.1:50000"),
    cx_pool_ready_duration: () => ({ type: "duration", value: 0n }),
    // Of hosts whose locality nobody configured.
    locality: () => ({
      type: "message",
      name: "upstream.locality",
      field: field => (["region", "zone", "sub_zone"].includes(field) ? text("") : undefined),
    }),
  };
}

/** google.protobuf's TrafficDirection. */
const DIRECTION = { inbound: 1, outbound: 2 };

function xds(context: Context): Fields {
  const { info } = context;
  const { host } = context.vm;
  const message = (name: string) => (): Value => ({
    type: "message",
    name,
    field: field => {
      if (field === "filter_metadata") return mapOf([]);
      throw gap(`the field ${field} of ${name}`);
    },
  });
  const always: Fields = { node: () => nodeMessage(host.node, host.version) };
  if (!info) return always;
  const inHost: Fields = info.routed
    ? {
        virtual_host_name: () => text(utf8(info.virtualHost ?? info.listener)),
        virtual_host_metadata: message("xds.virtual_host_metadata"),
      }
    : {};
  const inRoute: Fields =
    info.routeName === null
      ? inHost
      : { ...inHost, route_name: () => text(utf8(info.routeName ?? "")), route_metadata: message("xds.route_metadata") };
  const inCluster: Fields = info.upstream
    ? { cluster_name: () => text(utf8(info.upstream?.cluster ?? "")), cluster_metadata: message("xds.cluster_metadata") }
    : {};
  return {
    ...always,
    ...inRoute,
    ...inCluster,
    filter_chain_name: () => text(""),
    listener_metadata: message("xds.listener_metadata"),
    listener_direction: () => int(DIRECTION[info.direction]),
  };
}

function filterState(info: StreamInfo): Fields {
  return new Proxy({}, { get: (_, key) => () => info.filterState.value(String(key), false) });
}
