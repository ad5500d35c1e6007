import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isOwnHost } from "./own-host.ts";
import { policy } from "./policy.ts";

export interface ServedFile {
  readonly path: string;
  readonly type: string;
}

export interface ServedPage {
  /** Its HTML; style and scripts carry the nonce. */
  html(nonce: string): string;
  /** The server-sent events with which a browser that comes begins. */
  events(): string;
  /** What the page loads, by path. */
  readonly files?: ReadonlyMap<string, ServedFile>;
  readonly port?: number;
}

export interface PageServer {
  readonly url: string;
  /** Sends server-sent events to every browser that has the page open. */
  send(events: string): void;
  stop(): Promise<void>;
}

/** Serves a page, and server-sent events to it, to browsers on this machine. */
export async function servePage({ html, events, files = new Map(), port = 0 }: ServedPage): Promise<PageServer> {
  const browsers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const file = files.get(path);
    if (!isOwnHost(request, address())) refuse(response, 403, `this is ${address()} and no other host\n`);
    else if (request.method !== "GET") refuse(response, 405, "GET / or /events\n");
    else if (path === "/") {
      const nonce = randomBytes(16).toString("base64");
      const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy(nonce), "cache-control": "no-store" };
      response.writeHead(200, headers).end(html(nonce));
    } else if (path === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(events());
      browsers.add(response);
      response.on("close", () => browsers.delete(response));
    } else if (file) response.writeHead(200, { "content-type": file.type }).end(readFileSync(file.path));
    else refuse(response, 404, "there is / and /events\n");
  });
  const address = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://${address()}/`,
    send: text => {
      for (const browser of browsers) browser.write(text);
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" }).end(text);
}
