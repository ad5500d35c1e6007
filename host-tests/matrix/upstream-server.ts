import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { grouped, inPairs } from "../envoy/http2-headers.ts";
import { piecesOf } from "../envoy/pieces.ts";
import type { ReadTracker } from "./read-tracker.ts";
import type { HostAnswer, HostUpstreamRequest, Reaction } from "./types.ts";

/** How an upstream of the real Envoy hears of a request, and what it makes of it. */
export type React = (request: HostUpstreamRequest) => Promise<Reaction>;

export interface UpstreamServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * An upstream that speaks HTTP/1.1 and, without TLS, HTTP/2. What `react` rejects with is told to `failed`, and the connection breaks.
 * Pieces of an answer are sent one by one, each when Envoy has read the one before.
 */
export async function startUpstream(
  host: string,
  react: React,
  failed: (error: unknown) => void,
  tracker: ReadTracker,
): Promise<UpstreamServer> {
  const sockets = new Set<Socket>();
  const http = createHttpServer({ maxHeaderSize: 1024 * 1024, keepAliveTimeout: 60_000 }, (incoming, response) => {
    answerHttp1(incoming, response, react, tracker).catch(error => {
      if (!incoming.socket.destroyed) failed(error);
      incoming.socket.destroy();
    });
  });
  // A mesh carries more header fields than Node's default of 2000 only in a test, and this is one.
  http.maxHeadersCount = 0;
  const http2 = createHttp2Server();
  http2.on("stream", (stream: ServerHttp2Stream, _: IncomingHttpHeaders, __: number, raw?: unknown) => {
    stream.on("error", () => {});
    answerHttp2(stream, raw as string[], react, tracker).catch(error => {
      if (!stream.closed) failed(error);
      stream.session?.destroy();
    });
  });
  const server = createServer(socket => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    tracker.add(socket);
    socket.once("readable", () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      (first.subarray(0, 3).toString() === "PRI" ? http2 : http).emit("connection", socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answerHttp1(incoming: IncomingMessage, response: ServerResponse, react: React, tracker: ReadTracker): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString("latin1");
  const headers = inPairs(incoming.rawHeaders);
  const answer = await react({ method: incoming.method ?? "", path: incoming.url ?? "", headers, body });
  const { socket } = incoming;
  if (answer === "never" || socket.destroyed) return;
  if (answer === "reset") {
    socket.destroy();
    return;
  }
  if (answer.trailers) throw new TypeError(NO_ANSWER_TRAILERS);
  if (answer.delayMs) await sleep(answer.delayMs);
  response.writeHead(answer.status ?? 200, (answer.headers ?? []).flat());
  const { body: said } = answer;
  if (!answer.thenReset && (said === undefined || typeof said === "string" || said instanceof Uint8Array)) {
    response.end(said);
    return;
  }
  response.flushHeaders();
  for await (const piece of piecesOf(said, utf8)) {
    await tracker.caughtUp("the upstream", () => socket.destroyed);
    response.write(piece);
  }
  await tracker.caughtUp("the upstream", () => socket.destroyed);
  if (answer.thenReset) socket.destroy();
  else response.end();
}

async function answerHttp2(stream: ServerHttp2Stream, raw: readonly string[], react: React, tracker: ReadTracker): Promise<void> {
  const trailers: [string, string][] = [];
  stream.on("trailers", (_: IncomingHttpHeaders, __: number, flat?: unknown) => void trailers.push(...inPairs(flat as string[])));
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const all = inPairs(raw);
  const pseudo = (name: string): string => all.find(([key]) => key === name)?.[1] ?? "";
  const headers: [string, string][] = [["host", pseudo(":authority")], ...all.filter(([name]) => !name.startsWith(":"))];
  const body = Buffer.concat(chunks).toString("latin1");
  const request = { method: pseudo(":method"), path: pseudo(":path"), headers, body, ...(trailers.length > 0 ? { trailers } : {}) };
  const answer = await react(request);
  if (answer === "never" || stream.closed) return;
  if (answer === "reset") {
    stream.session?.destroy();
    return;
  }
  if (answer.delayMs) await sleep(answer.delayMs);
  await say(stream, answer, tracker);
}

async function say(stream: ServerHttp2Stream, answer: HostAnswer, tracker: ReadTracker): Promise<void> {
  const { status = 200, headers = [], body, trailers, thenReset = false } = answer;
  const bare = !thenReset && (body === undefined || bodyIsEmpty(body)) && !trailers;
  stream.respond({ ":status": status, ...grouped(headers) }, { endStream: bare, waitForTrailers: trailers !== undefined });
  if (bare) return;
  stream.on("wantTrailers", () => stream.sendTrailers(grouped(trailers ?? [])));
  const whole = !thenReset && (body === undefined || typeof body === "string" || body instanceof Uint8Array);
  for await (const piece of piecesOf(body, utf8)) {
    if (!whole) await tracker.caughtUp("the upstream", () => stream.closed);
    stream.write(piece);
  }
  if (!whole) await tracker.caughtUp("the upstream", () => stream.closed);
  if (thenReset) stream.session?.destroy();
  else stream.end();
}

/** Why an answer has no trailers; for both hosts. */
export const NO_ANSWER_TRAILERS =
  "respond: trailers reach a filter from HTTP/2 only; give the upstream's cluster http2: true (of HTTP/1.1 Envoy takes none unless it is told to)";

const utf8 = (text: string): Buffer => Buffer.from(text, "utf8");
const bodyIsEmpty = (body: HostAnswer["body"]): boolean => (typeof body === "string" || body instanceof Uint8Array) && body.length === 0;
