import type { Headers } from "./upstream.ts";

/** Headers that differ between client and upstream. */
export interface Differences {
  added: Headers;
  removed: Headers;
}

/** Hop-by-hop framing, and what every proxy writes; the filter has no part in them. */
const OF_ENVOY = new Set([
  "host",
  "connection",
  "transfer-encoding",
  "content-length",
  "x-envoy-expected-rq-timeout-ms",
  "x-forwarded-proto",
]);

/** What the upstream saw beyond or other than what the client sent, and what it no longer saw. Repeated headers count. */
export function differences(sent: Headers, arrived: Headers): Differences {
  return { added: beyond(arrived, sent), removed: beyond(sent, arrived) };
}

function beyond(some: Headers, others: Headers): Headers {
  const left = others.map(key);
  return some.filter(header => {
    const name = header[0].toLowerCase();
    if (name.startsWith(":") || OF_ENVOY.has(name)) return false;
    const at = left.indexOf(key(header));
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}

const key = ([name, value]: [string, string]): string => `${name.toLowerCase()}\0${value}`;
