import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { startEcho } from "../envoy/index.ts";

export type Headers = [name: string, value: string][];

/** What stands behind Envoy and tells which headers arrived there. */
export interface Upstream {
  url: string;
  stop(): Promise<void>;
}

/** The echo, or a relay to `target`; `seen` gets the headers of each request as Envoy sent them. */
export async function startUpstream(target: string | undefined, seen: (headers: Headers) => void): Promise<Upstream> {
  if (target) return startRelay(new URL(target), seen);
  const echo = await startEcho({
    respond: request => {
      seen(request.headers);
      // A long session must not keep every request.
      echo.requests.length = 0;
      return undefined;
    },
  });
  return echo;
}

async function startRelay(target: URL, seen: (headers: Headers) => void): Promise<Upstream> {
  const server = createServer({ maxHeaderSize: 1024 * 1024 }, (incoming, response) => {
    seen(pairs(incoming.rawHeaders));
    relay(target, incoming, response);
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function relay(target: URL, incoming: IncomingMessage, response: ServerResponse): void {
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  const path = target.pathname.replace(/\/$/, "") + (incoming.url ?? "/");
  const headers = incoming.rawHeaders.slice();
  // A virtual host would not know the name under which the client reached Envoy.
  for (let i = 0; i < headers.length; i += 2) if (headers[i]?.toLowerCase() === "host") headers[i + 1] = target.host;
  const outgoing = send(new URL(path, target), { method: incoming.method, headers, agent: false }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  outgoing.on("error", error => {
    if (response.headersSent) return response.destroy();
    response.writeHead(502, { "content-type": "text/plain" });
    response.end(`${target.href} cannot be reached: ${error.message}\n`);
  });
  incoming.pipe(outgoing);
}

function pairs(flat: readonly string[]): Headers {
  return Array.from({ length: flat.length >> 1 }, (_, i) => [flat[2 * i] as string, flat[2 * i + 1] as string]);
}
