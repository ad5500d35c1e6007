/** What a hostcall answers. Spec: v0.2.1 #proxy_status_t */
export enum Status {
  Ok = 0,
  NotFound = 1,
  BadArgument = 2,
  SerializationFailure = 3,
  ParseFailure = 4,
  BadExpression = 5,
  InvalidMemoryAccess = 6,
  Empty = 7,
  CasMismatch = 8,
  ResultMismatch = 9,
  InternalFailure = 10,
  BrokenConnection = 11,
  Unimplemented = 12,
}

/** Spec: v0.2.1 #proxy_log_level_t */
export enum LogLevel {
  Trace = 0,
  Debug = 1,
  Info = 2,
  Warn = 3,
  Error = 4,
  Critical = 5,
}

/** Spec: v0.2.1 #proxy_map_type_t */
export enum MapType {
  HttpRequestHeaders = 0,
  HttpRequestTrailers = 1,
  HttpResponseHeaders = 2,
  HttpResponseTrailers = 3,
  GrpcCallInitialMetadata = 4,
  GrpcCallTrailingMetadata = 5,
  HttpCallResponseHeaders = 6,
  HttpCallResponseTrailers = 7,
}

/** Spec: v0.2.1 #proxy_buffer_type_t */
export enum BufferType {
  HttpRequestBody = 0,
  HttpResponseBody = 1,
  DownstreamData = 2,
  UpstreamData = 3,
  HttpCallResponseBody = 4,
  GrpcCallMessage = 5,
  VmConfiguration = 6,
  PluginConfiguration = 7,
  ForeignFunctionArguments = 8,
}

/** Spec: v0.2.1 #proxy_stream_type_t */
export enum StreamType {
  HttpRequest = 0,
  HttpResponse = 1,
  Downstream = 2,
  Upstream = 3,
}

/** What a headers callback answers; Envoy knows five. */
export enum HeadersStatus {
  /** Goes on to the next filter. */
  Continue = 0,
  /** Stops here; unless Envoy sets `allow_on_headers_stop_iteration`, it behaves as StopAllIterationAndWatermark. */
  StopIteration = 1,
  /** Meant to go on and to end the stream after these headers. Envoy (1.36 to 1.40) has no such answer any more and takes it for `Continue`. */
  ContinueAndEndStream = 2,
  /** Stops here and buffers body and trailers; more than the buffer limit is answered with 413 (request) or 500 (response). */
  StopAllIterationAndBuffer = 3,
  /** Stops here and buffers body and trailers; at the buffer limit the sender is slowed down. */
  StopAllIterationAndWatermark = 4,
}

/** What a body callback answers. */
export enum DataStatus {
  /** Passes the data on, with all that was buffered before. */
  Continue = 0,
  /** Buffers the data; more than the buffer limit is answered with 413 (request) or 500 (response). */
  StopIterationAndBuffer = 1,
  /** Buffers the data; at the buffer limit the sender is slowed down. */
  StopIterationAndWatermark = 2,
  /** Drops the data and waits for more. */
  StopIterationNoBuffer = 3,
}

/** What a trailers callback answers. */
export enum TrailersStatus {
  Continue = 0,
  StopIteration = 1,
}

/** Spec: v0.2.1 #proxy_metric_type_t */
export enum MetricType {
  Counter = 0,
  Gauge = 1,
  Histogram = 2,
}

/** Who closed a TCP connection. Spec: v0.2.1 #proxy_peer_type_t */
export enum PeerType {
  Unknown = 0,
  /** This side: Envoy, or a filter. */
  Local = 1,
  Remote = 2,
}

/** What a TCP callback answers. */
export enum StreamStatus {
  Continue = 0,
  StopIteration = 1,
}

/** How a gRPC call ended (https://grpc.io/docs/guides/status-codes/). */
export enum GrpcStatus {
  Ok = 0,
  Cancelled = 1,
  Unknown = 2,
  InvalidArgument = 3,
  DeadlineExceeded = 4,
  NotFound = 5,
  AlreadyExists = 6,
  PermissionDenied = 7,
  ResourceExhausted = 8,
  FailedPrecondition = 9,
  Aborted = 10,
  OutOfRange = 11,
  Unimplemented = 12,
  Internal = 13,
  Unavailable = 14,
  DataLoss = 15,
  Unauthenticated = 16,
}
