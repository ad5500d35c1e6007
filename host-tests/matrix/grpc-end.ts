import type { Upstream } from "../host/index.ts";
import { grpcOfHttp } from "../host/local-reply.ts";

type HttpAnswer = Exclude<Awaited<ReturnType<Upstream>>, string | undefined>;

/** A status, the server's words, and what Envoy knows beside them. */
export interface Failure {
  status: number;
  words: string;
  details: string;
}

/** How a call ends for Envoy's client. */
export type GrpcEnd = { message: Buffer } | Failure;

const INTERNAL = 13;
const BEFORE_HEADERS = "upstream connect error or disconnect/reset before headers. reset reason: ";

/** Nobody listens. */
export const UNREACHED: Failure = {
  status: 14,
  words: `${BEFORE_HEADERS}remote connection failure`,
  details: "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}",
};
/** The connection broke before the answer. */
export const BROKEN: Failure = {
  status: 14,
  words: `${BEFORE_HEADERS}connection termination`,
  details: "upstream_reset_before_response_started{connection_termination}",
};
/** The connection broke behind the answer's headers. */
export const BROKEN_LATER: Failure = {
  status: INTERNAL,
  words: "",
  details: "upstream_reset_after_response_started{connection_termination}",
};

/** What Envoy makes of an answer to a unary call, its body in one piece. */
export function grpcEnd({ status = 200, headers = [], trailers = [], thenReset }: HttpAnswer, body: Buffer): GrpcEnd {
  if (body.length === 0 && trailers.length === 0 && !thenReset && headerOf(headers, "grpc-status") !== undefined)
    return said(headers, null);
  if (status !== 200) return failed(grpcOfHttp(status));
  if (thenReset) return BROKEN_LATER;
  const messages = wholeMessages(body);
  if (messages === null) return failed(INTERNAL);
  return said(trailers, messages.at(-1) ?? null);
}

const failed = (status: number, words = ""): GrpcEnd => ({ status, words, details: "via_upstream" });

/** The server's status, whose words stay percent-encoded. */
function said(pairs: readonly (readonly [string, string])[], message: Buffer | null): GrpcEnd {
  const code = headerOf(pairs, "grpc-status");
  if (code === "0" && message) return { message };
  if (code === undefined) return failed(2);
  return failed(/^\d+$/.test(code) && Number(code) <= 16 ? Number(code) : -1, headerOf(pairs, "grpc-message"));
}

/** The messages of a body, but for one that is cut off; null where one is compressed, or there are none of gRPC's at all. */
function wholeMessages(body: Buffer): Buffer[] | null {
  const messages: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    if (body[at] !== 0) return null;
    const end = at + 5 > body.length ? Number.POSITIVE_INFINITY : at + 5 + body.readUInt32BE(at + 1);
    if (end > body.length) break;
    messages.push(body.subarray(at + 5, end));
    at = end;
  }
  return messages;
}

const headerOf = (pairs: readonly (readonly [string, string])[], name: string): string | undefined =>
  pairs.find(([key]) => key === name)?.[1];
