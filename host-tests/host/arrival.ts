import { randomUUID } from "node:crypto";
import type { HeaderMap } from "./header-map.ts";
import type { Pairs } from "./pairs.ts";
import type { EnvoyDifferences } from "./versions.ts";

/** Hop-by-hop headers, which Envoy takes out of requests; `te: trailers` stays. */
const HOP = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/** Headers of Envoy's own that it believes nobody outside, and a client's certificate, which it forwards only when told to. */
const NOT_FROM_OUTSIDE = [
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-force-trace",
  "x-envoy-hedge-on-per-try-timeout",
  "x-envoy-internal",
  "x-envoy-ip-tags",
  "x-envoy-max-retries",
  "x-envoy-original-url",
  "x-envoy-retriable-header-names",
  "x-envoy-retriable-status-codes",
  "x-envoy-retry-grpc-on",
  "x-envoy-retry-on",
  "x-envoy-upstream-alt-stat-name",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-upstream-rq-timeout-alt-response",
  "x-envoy-upstream-rq-timeout-ms",
  "x-forwarded-client-cert",
];

/** What Envoy answers by itself, before any filter sees the request. */
export interface Rejection {
  status: number;
  body: string;
  details: string;
  flags: bigint;
  /** A route was chosen before. */
  routed: boolean;
  /** The connection is closed then, whatever the client asked for. */
  closes: boolean;
}

/** What Envoy's HTTP/1 codec takes; other methods it does not know, and M-SEARCH it spells without a hyphen. */
const METHODS = new Set(
  [
    "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE MSEARCH NOTIFY OPTIONS PATCH POST",
    "PROPFIND PROPPATCH PURGE PUT REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE",
  ].flatMap(line => line.split(" ")),
);

const CODEC_ERROR: Rejection = {
  status: 400,
  body: "Bad Request",
  details: "http1.codec_error",
  flags: 0x40000n,
  routed: false,
  closes: true,
};
const ASTERISK: Rejection = { status: 404, body: "", details: "absolute_path_rejected", flags: 0n, routed: false, closes: false };
const UPGRADE: Rejection = { status: 403, body: "", details: "upgrade_failed", flags: 0n, routed: true, closes: true };

/**
 * Makes of a request's headers what Envoy's connection manager shows to filters, with the settings that it has when nobody sets
 * any: use_remote_address off, no upgrades.
 */
export function arrive(headers: HeaderMap, { takesStreamDuration }: EnvoyDifferences): { closes: boolean; rejection: Rejection | null } {
  const connection = (headers.get("connection") ?? "").split(",").map(option => option.trim().toLowerCase());
  const upgrade = headers.get("upgrade")?.toLowerCase();
  const rejection = rejected(headers, connection.includes("upgrade") && upgrade !== undefined && upgrade !== "h2c");
  const trailers = (headers.get("te") ?? "").split(",").some(coding => coding.trim().toLowerCase() === "trailers");
  for (const name of connection) if (name && name !== "te" && !name.startsWith(":")) headers.remove(name);
  for (const name of HOP) headers.remove(name);
  if (!trailers) headers.remove("te");
  else headers.replace("te", "trailers");
  if (headers.get("expect")?.toLowerCase() === "100-continue") headers.remove("expect");
  for (const name of NOT_FROM_OUTSIDE) headers.remove(name);
  if (!takesStreamDuration) headers.remove("x-envoy-upstream-stream-duration-ms");
  if (!headers.has("x-forwarded-proto")) headers.add("x-forwarded-proto", "http");
  if (!headers.get("x-request-id")) headers.replace("x-request-id", randomUUID());
  return { closes: connection.includes("close"), rejection };
}

function rejected(headers: HeaderMap, upgrades: boolean): Rejection | null {
  const path = headers.get(":path") ?? "";
  if (!METHODS.has(headers.get(":method") ?? "")) return CODEC_ERROR;
  if (path === "*" && headers.get(":method") === "OPTIONS") return ASTERISK;
  if (!path.startsWith("/") || /[^\x21-\x7e]/.test(path)) return CODEC_ERROR;
  return upgrades ? UPGRADE : null;
}

/** Headers as whoever reads HTTP/1 sees them: white space at the ends of a value is not part of it (RFC 9110 section 5.5). */
export function asRead(pairs: Pairs): [name: string, value: string][] {
  return pairs.map(([name, value]) => [name, value.replace(/^[ \t]+|[ \t]+$/g, "")]);
}

/** Why Envoy's HTTP/1 codec sends no request with these headers, in its words; null when it does. */
export function unsendable(headers: HeaderMap): string | null {
  for (const [name, value] of headers.pairs()) {
    if (!name.startsWith(":") && !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(name)) return `invalid header name: ${name}`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return `invalid header value for: ${name}`;
  }
  return null;
}
