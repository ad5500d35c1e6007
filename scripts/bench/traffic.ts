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
  return requestWith(HEADERS[traffic]);
}

/** The same as it comes from another proxy, with an id. */
export function requestWithId(traffic: Traffic, id: string): string {
  return requestWith([...HEADERS[traffic], `x-request-id: ${id}`]);
}

/** The request of `hit` with as many header fields as asked for, the three of the task among them. */
export function requestWithFields(count: number): string {
  const others = Array.from({ length: Math.max(0, count - TASK.length) }, (_, i) => `x-extra-header-${i}: value-of-header-${i}`);
  return requestWith([...TASK, ...others]);
}

/** The request of `hit` with a body of that many bytes. */
export function requestWithBody(bytes: number): string {
  return requestWith([...HEADERS.hit, `content-length: ${bytes}`], "POST") + "x".repeat(bytes);
}

function requestWith(fields: readonly string[], method = "GET"): string {
  return [`${method} / HTTP/1.1`, "host: bench.local", ...fields, "", ""].join("\r\n");
}

/** A raw request by its parts, for hosts and tools that want them. */
export interface RequestParts {
  readonly method: string;
  readonly path: string;
  /** With Host, as it was sent. */
  readonly headers: [name: string, value: string][];
}

export function parseRequest(text: string): RequestParts {
  const [first = "", ...lines] = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n");
  const [method = "", path = ""] = first.split(" ");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { method, path, headers };
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
