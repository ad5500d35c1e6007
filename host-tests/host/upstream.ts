import { asRead } from "./arrival.ts";
import { type ByteString, fromBytes } from "./bytes.ts";
import type { GrpcCall } from "./grpc-calls.ts";
import type { HeaderMap } from "./header-map.ts";
import type { Answer } from "./http-calls.ts";
import type { Pairs } from "./pairs.ts";

/** A request as an upstream receives it; the same form as that of the echo server beside the real Envoy. */
export interface UpstreamRequest {
  method: string;
  /** With the query. */
  path: string;
  /** In the order of arrival, repeated ones repeated; values are latin1. */
  headers: [name: string, value: string][];
  /** The body's bytes as latin1. */
  body: string;
}

/** An answer, or none: the connection breaks ("reset"), is never made ("refused"), or nothing comes ("never"). */
export type Reaction = Answer | "reset" | "refused" | "never";

/** Answers requests, at once or when its promise resolves. */
export type Upstream = (request: UpstreamRequest & { trailers: Pairs }) => Reaction | undefined | Promise<Reaction | undefined>;

const NO_HEADERS = "upstream connect error or disconnect/reset before headers. reset reason: ";

/** What Envoy's router says when there is no answer. */
export const BROKEN = { reset: `${NO_HEADERS}connection termination`, refused: `${NO_HEADERS}remote connection failure` } as const;

/** Why there is no connection, when nobody listens. */
export const CONNECTION_REFUSED = "delayed connect error: Connection refused";

/** What a cluster does: answers HTTP, answers gRPC, or leaves it to the test ("manual"). */
export type ClusterHandler = Upstream | "manual" | { readonly http?: Upstream; readonly grpc?: (call: GrpcCall) => void };

/** Answers with what it was asked, as JSON. */
export const echo: Upstream = request => ({
  headers: [["content-type", "application/json"]],
  body: Buffer.from(JSON.stringify(request)),
});

/** The form in which an upstream has a request: `host` in place of the pseudo-headers. */
export function upstreamRequest(
  headers: HeaderMap,
  body: Uint8Array,
  trailers: Pairs = [],
  http2 = false,
): UpstreamRequest & { trailers: Pairs } {
  const plain: [ByteString, ByteString][] = asRead(headers.pairs().filter(([name]) => !name.startsWith(":")));
  const text = fromBytes(body);
  const host = headers.get(":authority");
  if (host !== undefined) plain.unshift(["host", host]);
  // HTTP/1 says so where a body is usual.
  const method = headers.get(":method") ?? "";
  if (
    !http2 &&
    body.length === 0 &&
    !/^(GET|HEAD|DELETE|TRACE|CONNECT)$/.test(method) &&
    !headers.has("content-length") &&
    !headers.has("transfer-encoding")
  ) {
    plain.push(["content-length", "0"]);
  }
  return { method: headers.get(":method") ?? "", path: headers.get(":path") ?? "", headers: plain, body: text, trailers };
}
