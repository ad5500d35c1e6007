import { type Agent, request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { http2Request } from "./http2-request.ts";
import { type Body, bodyLength, latin1, piecesOf } from "./pieces.ts";

export interface RequestOptions {
  method?: string;
  path?: string;
  /** Pairs in the order they are sent, repeated names allowed; values are latin1, so "\xff" is the byte 0xff. */
  headers?: readonly (readonly [name: string, value: string])[];
  /** A string is latin1 as well: give `Buffer.from(text)` for UTF-8. In pieces, it is sent piece by piece, see `beforePiece`. */
  body?: Body | undefined;
  /** HTTP/2 without TLS instead of HTTP/1.1, on a connection of its own. */
  http2?: boolean | undefined;
  /** Behind the body, with HTTP/2. */
  trailers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Awaited before each piece of a body and its end; `over` says that nobody reads the rest. */
  beforePiece?: ((over: () => boolean) => Promise<void>) | undefined;
  /** An open connection to send it on. */
  socket?: Socket | undefined;
  /** Gets the request's connection. */
  onSocket?: ((socket: Socket) => void) | undefined;
  /** A connection pool for many requests; a connection of its own otherwise. */
  agent?: Agent;
  timeoutMs?: number;
}

export interface EnvoyResponse {
  status: number;
  /** As received, names in the spelling of the wire. */
  headers: [name: string, value: string][];
  /** The first header of that name, compared without regard to case; null when there is none. */
  header(name: string): string | null;
  body: string;
  json<T = unknown>(): T;
  trailers: [name: string, value: string][];
}

/** One request. A Host header is added when there is none. */
export async function request(target: { host: string; port: number }, options: RequestOptions = {}): Promise<EnvoyResponse> {
  if (options.http2) return http2Request(target, options);
  if (options.trailers) throw new TypeError(NO_TRAILERS);
  const headers = [...(options.headers ?? [])].map(([name, value]) => [name, value]);
  const has = (name: string): boolean => headers.some(([key]) => key?.toLowerCase() === name);
  const { body } = options;
  const whole = typeof body === "string" ? latin1(body) : body instanceof Uint8Array || body === undefined ? body : null;
  if (!has("host")) headers.unshift(["host", `${target.host}:${target.port}`]);
  const length = bodyLength(body);
  if (length !== null && tellsLength(options.method, body) && !has("content-length") && !has("transfer-encoding")) {
    headers.push(["content-length", String(length)]);
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        ...target,
        method: options.method ?? "GET",
        path: options.path ?? "/",
        headers: headers.flat() as string[],
        // Node asks an agent first, so a connection of the caller's must come without one.
        ...(options.socket ? { createConnection: () => options.socket } : { agent: options.agent ?? false }),
        timeout: options.timeoutMs ?? 30_000,
        maxHeaderSize: 1024 * 1024,
      },
      incoming => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const pairs = inPairs(incoming.rawHeaders);
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({
            status: incoming.statusCode ?? 0,
            headers: pairs,
            header: name => pairs.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? null,
            body: text,
            json: <T>() => JSON.parse(text) as T,
            trailers: inPairs(incoming.rawTrailers),
          });
        });
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer from ${target.host}:${target.port}${options.path ?? "/"} in time`)));
    outgoing.on("error", reject);
    if (options.onSocket) outgoing.on("socket", options.onSocket);
    if (whole !== null) {
      outgoing.end(whole);
      return;
    }
    let answered = false;
    outgoing.on("response", () => {
      answered = true;
    });
    const over = (): boolean => answered || outgoing.destroyed;
    const write = async (): Promise<void> => {
      outgoing.flushHeaders();
      for await (const piece of piecesOf(body)) {
        await options.beforePiece?.(over);
        if (!outgoing.destroyed) outgoing.write(piece);
      }
      await options.beforePiece?.(over);
      outgoing.end();
    };
    write().catch(error => outgoing.destroy(error));
  });
}

/** Why a request has no trailers; for both hosts. */
export const NO_TRAILERS = "request: trailers go with http2: true; of HTTP/1.1 Envoy passes none on unless it is told to";

/** Whether a client says how long the body is: it has one, or a method that usually has; Node would send the latter in chunks. */
export function tellsLength(method = "GET", body?: unknown): boolean {
  return body !== undefined || !/^(GET|HEAD|DELETE|OPTIONS|TRACE|CONNECT)$/.test(method);
}

/**
 * Writes `bytes` (a string is latin1) to a connection and answers everything that comes back until Envoy closes it, as latin1.
 * For requests that no HTTP client would send; ask for `connection: close`, or give `until`.
 */
export function rawExchange(
  target: { host: string; port: number },
  bytes: string | Uint8Array,
  { until, timeoutMs = 30_000 }: { until?: RegExp; timeoutMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(target, () => socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes));
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(new Error(`the connection was still open after ${timeoutMs} ms; received: ${received}`)),
    );
    socket.on("data", chunk => {
      received += chunk.toString("latin1");
      if (until?.test(received)) socket.end();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(received));
  });
}

function inPairs(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string]);
  return pairs;
}
