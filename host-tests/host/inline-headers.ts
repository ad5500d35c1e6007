/**
 * Headers for which Envoy has a slot of its own ("inline" or O(1) headers): a second value is appended to the first with a comma
 * instead of being kept as a second header. The lists are those of request and response maps together with the ones that the
 * extensions of the stock binary register.
 */
const BOTH = ["connection", "content-length", "content-type", "keep-alive", "proxy-connection", "proxy-status"];
const EITHER = ["transfer-encoding", "upgrade", "via", "x-envoy-decorator-operation", "x-request-id"];

export const INLINE_REQUEST_HEADERS: ReadonlySet<string> = new Set([
  ...BOTH,
  ...EITHER,
  ":authority",
  ":method",
  ":path",
  ":protocol",
  ":scheme",
  "expect",
  "grpc-timeout",
  "te",
  "user-agent",
  "x-client-trace-id",
  "x-envoy-downstream-service-cluster",
  "x-envoy-downstream-service-node",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-external-address",
  "x-envoy-force-trace",
  "x-envoy-hedge-on-per-try-timeout",
  "x-envoy-internal",
  "x-envoy-ip-tags",
  "x-envoy-is-timeout-retry",
  "x-envoy-max-retries",
  "x-envoy-original-path",
  "x-envoy-retriable-header-names",
  "x-envoy-retriable-status-codes",
  "x-envoy-retry-grpc-on",
  "x-envoy-retry-on",
  "x-envoy-upstream-alt-stat-name",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-upstream-rq-timeout-alt-response",
  "x-envoy-upstream-rq-timeout-ms",
  "x-envoy-upstream-stream-duration-ms",
  "x-forwarded-client-cert",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  // Registered by extensions.
  "accept",
  "accept-encoding",
  "access-control-request-headers",
  "access-control-request-method",
  "authorization",
  "cache-control",
  "origin",
  "referer",
]);

export const INLINE_RESPONSE_HEADERS: ReadonlySet<string> = new Set([
  ...BOTH,
  ...EITHER,
  ":status",
  "date",
  "grpc-message",
  "grpc-status",
  "location",
  "server",
  "x-envoy-attempt-count",
  "x-envoy-degraded",
  "x-envoy-immediate-health-check-fail",
  "x-envoy-ratelimited",
  "x-envoy-upstream-canary",
  "x-envoy-upstream-healthchecked-cluster",
  "x-envoy-upstream-service-time",
  // Registered by extensions.
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "access-control-max-age",
  "cache-control",
  "content-encoding",
  "etag",
  "vary",
]);

export const NO_INLINE_HEADERS: ReadonlySet<string> = new Set(["grpc-message", "grpc-status"]);
