import { asWritten } from "../envoy/http2-headers.ts";
import { type Body, piecesOf } from "../envoy/pieces.ts";
import { isAsync } from "../host/bytes.ts";
import { type ClusterHandler, type GrpcCall, type Reaction as HostReaction, HostRefusal, type Upstream } from "../host/index.ts";
import { upstreamForm } from "./emulated-response.ts";
import { grpcFrame } from "./grpc.ts";
import { callHeaders } from "./grpc-call-headers.ts";
import { BROKEN, type GrpcEnd, grpcEnd, UNREACHED } from "./grpc-end.ts";
import type { Patience } from "./patience.ts";
import type { HostUpstreamRequest, Reaction } from "./types.ts";
import type { UpstreamScript } from "./upstream-script.ts";
import { NO_ANSWER_TRAILERS } from "./upstream-server.ts";

/** A cluster at whose address nobody listens; `detail` is what the version of Envoy adds to say so. */
export function refusedCluster(detail: string): ClusterHandler {
  const { status, words, details } = UNREACHED;
  return { http: () => "refused", grpc: call => call.close(status, words + detail, details) };
}

/** A cluster of the emulator whose upstream answers HTTP and, being HTTP, gRPC. */
export function emulatedCluster(
  script: UpstreamScript,
  patience: Patience,
  failed: (error: unknown) => void,
  http2: boolean,
): ClusterHandler {
  const http = emulatedUpstream(script, patience, failed, http2);
  return { http, grpc: call => answerGrpc(call, http, http2) };
}

/** A call as the request that it is, and the answer as the call's end. */
function answerGrpc(call: GrpcCall, http: Upstream, http2: boolean): void {
  const called = `${call.service}/${call.method}`;
  if (!http2)
    throw new HostRefusal(
      "usage",
      `host: a filter calls ${called} of cluster "${call.cluster}", which speaks HTTP/1.1; give the cluster http2: true`,
    );
  if (call.kind === "stream") {
    throw new HostRefusal("usage", `host: a filter opens the stream ${called}; a server of gRPC streams is host.grpcUpstream()`);
  }
  const headers = callHeaders(call);
  const body = grpcFrame(call.messages[0] ?? "").toString("latin1");
  const finish = (end: GrpcEnd): void => {
    if (call.state !== "open") return;
    if ("message" in end) call.message(end.message);
    else call.close(end.status, end.words, end.details);
  };
  const take = (reaction: HostReaction): void => {
    if (reaction === "never") return;
    if (typeof reaction === "string") {
      finish(BROKEN);
      return;
    }
    const { delayMs = 0 } = reaction;
    const answer = (whole: Buffer): void => {
      const end = grpcEnd(reaction, whole);
      if (delayMs > 0) call.after(delayMs, () => finish(end));
      else finish(end);
    };
    if (isAsync(reaction.body)) void collected(reaction.body).then(answer);
    else answer(Buffer.concat(bytesOf(reaction.body ?? "")));
  };
  const reaction = http({ method: "POST", path: `/${called}`, headers, body, trailers: [] });
  if (reaction instanceof Promise) void reaction.then(each => take(each ?? {}));
  else take(reaction ?? {});
}

async function collected(body: AsyncIterable<string | Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

const bytesOf = (body: string | Uint8Array | readonly (string | Uint8Array)[]): Buffer[] =>
  (typeof body === "string" || body instanceof Uint8Array ? [body] : body).map(piece => Buffer.from(piece as string));

/** An upstream of the emulator, that does and adds what Node's server does beside the real Envoy. */
function emulatedUpstream(script: UpstreamScript, patience: Patience, failed: (error: unknown) => void, http2: boolean): Upstream {
  const take = (request: HostUpstreamRequest, reaction: Reaction) => {
    if (typeof reaction === "string") return reaction;
    const { status = 200, headers: given = [], body, trailers, delayMs, thenReset } = reaction;
    if (trailers && !http2) throw new TypeError(NO_ANSWER_TRAILERS);
    const told = given.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
    const framed = told || status === 204 || status === 304 || request.method === "HEAD";
    const date: [string, string] = ["date", new Date().toUTCString()];
    const added: [string, string][] = [
      date,
      ["connection", "keep-alive"],
      ["keep-alive", "timeout=60"],
      ...(framed ? [] : [["transfer-encoding", "chunked"] satisfies [string, string]]),
    ];
    return {
      status,
      headers: http2 ? asWritten([...given, date]) : [...given, ...added],
      ...(body === undefined ? {} : { body: inBytes(body, patience) }),
      ...(trailers ? { trailers: asWritten(trailers) } : {}),
      ...(delayMs === undefined ? {} : { delayMs }),
      ...(thenReset === undefined ? {} : { thenReset }),
    };
  };
  return seen => {
    const request = upstreamForm(seen);
    const reaction = script.react(request);
    if (!(reaction instanceof Promise)) return take(request, reaction);
    const done = patience.owes(`an answer to ${request.method} ${request.path}`);
    return reaction
      .then(each => take(request, each))
      .catch(error => {
        failed(error);
        return "reset" as const;
      })
      .finally(() => setImmediate(done));
  };
}

/** Strings of answers are UTF-8. While an asynchronous body has more to come, the test owes it. */
function inBytes(body: Body, patience: Patience) {
  const bytes = (piece: string | Uint8Array): Uint8Array => (typeof piece === "string" ? Buffer.from(piece) : piece);
  if (isAsync(body)) return owed(body, patience);
  return typeof body === "string" || body instanceof Uint8Array ? bytes(body) : body.map(bytes);
}

async function* owed(body: Body, patience: Patience): AsyncGenerator<Uint8Array> {
  const done = patience.owes("the rest of an answer's body");
  try {
    for await (const piece of piecesOf(body, text => Buffer.from(text))) {
      yield piece;
      patience.wake();
    }
  } finally {
    setImmediate(done);
  }
}
