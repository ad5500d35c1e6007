/** The kinds of requests that are measured. */
export const TRAFFICS = ["hit", "miss", "many"] as const;
export type Traffic = (typeof TRAFFICS)[number];

/** Envoy adds these to what the client sends, so that a filter sees them too. */
export const ADDED_BY_ENVOY = [":authority", ":path", ":method", ":scheme", "x-forwarded-proto", "x-request-id"];

const COMMON = ["user-agent: bench/1.0", "accept: */*"];
const TASK = ["x-user-id: user-4711", "x-tenant-id: tenant-42", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"];
/** 600 bytes: what a browser's session and preferences come to. */
const COOKIE = `cookie: ${"session=abcdefghij; ".repeat(30)}`;

const HEADERS: Record<Traffic, string[]> = {
  // 12 headers in the map that the filter sees, the three of the task among them.
  hit: [...COMMON, "accept-encoding: gzip", ...TASK],
  // The same without the three.
  miss: [...COMMON, "accept-encoding: gzip"],
  // 34 headers, a long one among them.
  many: [...COMMON, ...TASK, COOKIE, ...Array.from({ length: 22 }, (_, i) => `x-extra-header-${i}: value-of-header-${i}`)],
};

/** The bytes of one request. */
export function requestOf(traffic: Traffic): string {
  return ["GET / HTTP/1.1", "host: bench.local", ...HEADERS[traffic], "", ""].join("\r\n");
}

/** Requests that take every slow way through a filter, for `--memory`: repeated, joined, invalid and unusual values. */
export const AWKWARD_REQUEST = [
  "GET / HTTP/1.1",
  "host: bench.local",
  "x-user-id: caf\u00e9 \xff",
  `x-tenant-id: ${"tenant-".repeat(60)}`,
  TASK.at(-1),
  "tracestate: a=1,,b=2",
  "tracestate: c=3",
  "baggage: k=v;p=1,broken,l=%20",
  "baggage: m=n",
  "",
  "",
].join("\r\n");

/**
 * Instructions per request that hand-written C on the same ABI needs for the task, above Envoy without a filter (Envoy 1.40.0):
 * read x-user-id, x-tenant-id and traceparent, renew traceparent, set four attributes.
 */
export const C_FLOOR: Record<Traffic, number> = { hit: 42_700, miss: 27_500, many: 55_000 };
