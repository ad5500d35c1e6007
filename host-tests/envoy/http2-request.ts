import { connect, constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { connect as openSocket, type Socket } from "node:net";
import { grouped, inPairs } from "./http2-headers.ts";
import { bodyLength, piecesOf } from "./pieces.ts";
import type { EnvoyResponse, RequestOptions } from "./request.ts";

/** One HTTP/2 request, on a connection of its own and without TLS. */
export async function http2Request(target: { host: string; port: number }, options: RequestOptions): Promise<EnvoyResponse> {
  if (options.agent) throw new TypeError("request: agent is for HTTP/1.1; a request with http2 has a connection of its own");
  let socket: Socket | undefined;
  const session = connect(`http://${target.host}:${target.port}`, {
    createConnection: () => {
      socket = options.socket ?? openSocket(target);
      socket.setNoDelay(true);
      options.onSocket?.(socket);
      return socket;
    },
  });
  try {
    return await new Promise<EnvoyResponse>((resolve, reject) => {
      session.once("error", reject);
      const bare = bodyLength(options.body) === 0 && !options.trailers;
      const stream = session.request(headersOf(target, options), { endStream: bare, waitForTrailers: options.trailers !== undefined });
      const chunks: Buffer[] = [];
      const [headers, trailers]: [name: string, value: string][][] = [[], []];
      let answered = false;
      let ended = false;
      stream.setTimeout(options.timeoutMs ?? 30_000, () =>
        reject(new Error(`no answer from ${target.host}:${target.port}${options.path ?? "/"} in time`)),
      );
      stream.on("response", (_: IncomingHttpHeaders, __: number, raw?: unknown) => {
        answered = true;
        headers?.push(...inPairs(raw as string[]));
      });
      stream.on("trailers", (_: IncomingHttpHeaders, __: number, raw?: unknown) => void trailers?.push(...inPairs(raw as string[])));
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        ended = true;
      });
      stream.on("error", () => {});
      stream.on("wantTrailers", () => stream.sendTrailers(grouped(options.trailers ?? [])));
      stream.on("close", () => {
        // Envoy resets the rest of a request that it has answered without it.
        const whole = answered && ended && (stream.rstCode === constants.NGHTTP2_NO_ERROR || stream.readableEnded);
        if (!whole || stream.rstCode === constants.NGHTTP2_INTERNAL_ERROR) {
          reject(new Error(answered ? "aborted" : "the stream was reset"));
          return;
        }
        const body = Buffer.concat(chunks).toString("utf8");
        const plain = (headers ?? []).filter(([name]) => !name.startsWith(":"));
        resolve({
          status: Number(headers?.find(([name]) => name === ":status")?.[1] ?? 0),
          headers: plain,
          header: name => plain.find(([key]) => key === name.toLowerCase())?.[1] ?? null,
          body,
          json: <T>() => JSON.parse(body) as T,
          trailers: trailers ?? [],
        });
      });
      if (!bare) {
        const write = async (): Promise<void> => {
          for await (const piece of piecesOf(options.body)) {
            await options.beforePiece?.(() => stream.closed || stream.destroyed || answered);
            if (stream.writable) stream.write(piece);
          }
          await options.beforePiece?.(() => stream.closed || stream.destroyed || answered);
          stream.end();
        };
        write().catch(error => {
          stream.close(constants.NGHTTP2_CANCEL);
          reject(error);
        });
      }
    });
  } finally {
    session.destroy();
    socket?.destroy();
  }
}

function headersOf(
  target: { host: string; port: number },
  { method = "GET", path = "/", headers = [] }: RequestOptions,
): OutgoingHttpHeaders {
  const authority = headers.find(([name]) => /^(host|:authority)$/i.test(name))?.[1] ?? `${target.host}:${target.port}`;
  const own = headers.filter(([name]) => !/^(host|:authority)$/i.test(name));
  return { ":authority": authority, ":path": path, ":method": method, ":scheme": "http", ...grouped(own) };
}
