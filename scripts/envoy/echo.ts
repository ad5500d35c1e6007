import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface EchoedRequest {
  method: string;
  /** With the query. */
  path: string;
  /** In the order of arrival, repeated ones repeated; bytes from 0x80 on as latin1. */
  headers: [name: string, value: string][];
  /** The body's bytes as latin1. */
  body: string;
}

export interface EchoAnswer {
  status?: number;
  headers?: [name: string, value: string][];
  body?: string | Uint8Array;
  delayMs?: number;
}

export interface EchoServer {
  url: string;
  port: number;
  requests: EchoedRequest[];
  /** Waits until `count` requests have arrived. */
  waitForRequests(count: number, timeoutMs?: number): Promise<EchoedRequest[]>;
  stop(): Promise<void>;
}

export interface EchoOptions {
  host?: string;
  port?: number;
  /** Says something else than the echo; absent parts keep their defaults (200, application/json, the request as JSON). */
  respond?: (request: EchoedRequest) => EchoAnswer | undefined;
}

/** An upstream that answers with what it was asked, as JSON, and remembers it. */
export async function startEcho({ host = "127.0.0.1", port = 0, respond }: EchoOptions = {}): Promise<EchoServer> {
  const requests: EchoedRequest[] = [];
  const server = createServer({ maxHeaderSize: 1024 * 1024, keepAliveTimeout: 60_000 }, (incoming, response) => {
    const answered = read(incoming).then(async request => {
      requests.push(request);
      const answer = respond?.(request) ?? {};
      if (answer.delayMs) await new Promise(resolve => setTimeout(resolve, answer.delayMs));
      const body = answer.body ?? JSON.stringify(request);
      const headers = answer.headers ?? [["content-type", "application/json"]];
      response.writeHead(answer.status ?? 200, headers.flat());
      response.end(body);
    });
    // A client that goes away in the middle of its body is no concern of the echo.
    answered.catch(() => response.destroy());
  });
  // A mesh carries more header fields than Node's default of 2000 only in a test, and this is one.
  server.maxHeadersCount = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    requests,
    waitForRequests: async (count, timeoutMs = 30_000) => {
      const deadline = Date.now() + timeoutMs;
      while (requests.length < count) {
        if (Date.now() > deadline)
          throw new Error(`${count} requests did not reach the upstream within ${timeoutMs} ms; ${requests.length} did`);
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      return [...requests];
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<EchoedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.push([incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string]);
  }
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers, body: Buffer.concat(chunks).toString("latin1") };
}
