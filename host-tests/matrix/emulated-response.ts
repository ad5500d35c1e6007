import type { Exchange } from "../host/index.ts";
import type { HostListener, HostResponse, HostUpstreamRequest } from "./types.ts";

/** The client's view of an exchange that is over; throws what the client's library would. */
export function response(exchange: Exchange, spec: HostListener, http2: boolean): HostResponse {
  // In the words of Node's client, which has other ones when the response has begun.
  if (exchange.reset) throw new Error(exchange.received ? "aborted" : http2 ? "the stream was reset" : "socket hang up");
  const lacks = exchange.responseLacks;
  if (lacks > 0) throw new Error(`aborted: the response has ${lacks} bytes less than its content-length says`);
  if (lacks < 0) throw new Error(`Parse Error: the response has ${-lacks} bytes more than its content-length says`);
  const { status, headers, body, trailers } = exchange.response;
  const unreadable = unreadableBecause(status, body.length);
  if (unreadable !== null) throw new Error(http2 ? "the stream was reset" : `Parse Error: ${unreadable}`);
  const { filterState } = exchange;
  const upstream = exchange.upstreamComplete ? exchange.upstream : null;
  const text = body.toString("utf8");
  const attributes = (spec.spanAttributes ?? []).map(name => [name, filterState[`wasm.span.attributes.${name}`] ?? null] as const);
  return {
    status,
    headers,
    header: name => headers.find(([key]) => key === name.toLowerCase())?.[1] ?? null,
    body: text,
    json: <T>() => JSON.parse(text) as T,
    // Envoy passes none on to a client of HTTP/1.1.
    trailers: http2 ? trailers.map(([name, value]) => [name, value]) : [],
    upstream: upstream && upstreamForm(upstream),
    spanAttributes: Object.fromEntries(attributes),
  };
}

/** Why a client takes it for no response. Envoy sends what a filter answers by itself as it is. */
function unreadableBecause(status: number, length: number): string | null {
  if (status < 200 || status > 999) return `the response has status ${status}`;
  if ((status === 204 || status === 304) && length > 0)
    return `a response with status ${status} has no body, and this one has ${length} bytes`;
  return null;
}

/** The request as the upstream of a scenario has it. */
export function upstreamForm({ method, path, headers, body, trailers }: NonNullable<Exchange["upstream"]>): HostUpstreamRequest {
  const some = trailers.map(([name, value]): [string, string] => [name, value]);
  return { method, path, headers, body, ...(some.length > 0 ? { trailers: some } : {}) };
}
