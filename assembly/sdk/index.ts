/** The SDK: what a filter imports. */
export { DataStatus, GrpcStatus, HeadersStatus, LogLevel, PeerType, Status, StreamStatus, TrailersStatus } from "../abi/enums";
export { Attributes } from "./attributes";
export { Body } from "./body";
export { CallOutcome } from "./calls";
export { Clock } from "./clock";
export { hmacSha256, sha256 } from "./digest";
export {
  base64Decode,
  base64Encode,
  base64UrlDecode,
  base64UrlEncode,
  hexDecode,
  hexEncode,
  percentDecode,
  percentEncode,
} from "./encoding";
export { Environment } from "./environment";
export { Expression, Foreign, LifeSpan, PropertyType } from "./foreign";
export { GrpcCall, GrpcCallHandler, GrpcResponse, GrpcStream, GrpcStreamHandler } from "./grpc-call";
export { HeaderList } from "./header-list";
export { HeaderMap, REPEATED } from "./header-map";
export { HeaderName } from "./header-name";
export { HeaderSnapshot } from "./header-snapshot";
export { HttpCall, HttpCallHandler, HttpCallResponse } from "./http-call";
export { HttpContext, HttpContextOf } from "./http-context";
export { log } from "./log";
export { CounterFamily, GaugeFamily, HistogramFamily, MetricFamily } from "./metric-family";
export { Counter, Gauge, Histogram } from "./metrics";
export { Node } from "./node";
export { PluginContext } from "./plugin-context";
export { Properties } from "./properties";
export { random } from "./random";
export {
  registerConfiguredHttpFilter,
  registerConfiguredTcpFilter,
  registerHttpFilter,
  registerPlugin,
  registerTcpFilter,
} from "./register";
export { basicCredentials, cookieOf, queryParameter } from "./request-parts";
export { LabelBuilder, labelBytes, OTHER, OVERFLOW, overflowLabels, PUNCTUATION, SeriesIndex } from "./series-index";
export { SharedData, SharedUpdate, SharedValue } from "./shared-data";
export { SharedQueue } from "./shared-queue";
export { SliceBuilder } from "./slice-builder";
export { SPAN_ATTRIBUTE_PREFIX, Span } from "./span";
export { TcpContext, TcpContextOf } from "./tcp-context";
export { cleanSlice, orDefault, textSlice } from "./text";
export { Timer } from "./timers";
