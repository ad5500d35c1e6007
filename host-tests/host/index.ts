/** Envoy's Proxy-Wasm host in Node, for unit tests of filters; published as `meshwright/host`. */

export type { SourceFrame } from "../../scripts/symbolize/index.ts";
export { Exchange, type Received, type RequestOptions, type StreamOptions } from "./exchange.ts";
export type { GrpcCall } from "./grpc-calls.ts";
export { createHost, Host, type HostOptions } from "./host.ts";
export type { Answer, HttpCall } from "./http-calls.ts";
export { grpcOfHttp, isGrpcRequest } from "./local-reply.ts";
export { LOG_LEVELS, type LogEntry, type LogLevel } from "./log.ts";
export type { Metric } from "./metrics.ts";
export type { NodeOptions } from "./node.ts";
export type { FailurePolicy, PluginOptions } from "./plugin.ts";
export { Plugin } from "./plugin-handle.ts";
export { HostRefusal, type RefusalCode } from "./refusal.ts";
export type { Route } from "./routes.ts";
export { Status } from "./status.ts";
export type { StrictOptions } from "./strict.ts";
export { TcpConnection, type TcpOptions } from "./tcp.ts";
export type { Crossing } from "./trace.ts";
export type { Trap } from "./trap.ts";
export { type ClusterHandler, echo, type Reaction, type Upstream, type UpstreamRequest } from "./upstream.ts";
export type { Given } from "./value.ts";
export { EMULATED_VERSIONS } from "./versions.ts";
