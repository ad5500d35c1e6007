import { randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isOwnHost, policy } from "../page/index.ts";
import type { Html } from "./html.ts";
import { page } from "./page.ts";

export type Channel = "status" | "request" | "log";

/** What a browser that comes later is still shown. */
const KEPT: Readonly<Record<Channel, number>> = { status: 1, request: 200, log: 1000 };

export interface PageServer {
  url: string;
  /** Shows something in every browser that has the page open, and in those that come. */
  send(channel: Channel, fragment: Html): void;
  stop(): Promise<void>;
}

/** Serves the page and what is to be seen on it, as server-sent events, to browsers on this machine. */
export async function startPageServer(port = 0): Promise<PageServer> {
  const browsers = new Set<ServerResponse>();
  let history: { channel: Channel; text: string }[] = [];
  const server = createServer((request, response) => {
    if (!isOwnHost(request, address())) return refuse(response, 403, `this is ${address()} and no other host\n`);
    if (request.method !== "GET") return refuse(response, 405, "GET / or /events\n");
    if (request.url === "/") {
      const nonce = randomBytes(16).toString("base64");
      const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy(nonce), "cache-control": "no-store" };
      response.writeHead(200, headers).end(page(nonce));
    } else if (request.url === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(history.map(({ text }) => text).join(""));
      browsers.add(response);
      response.on("close", () => browsers.delete(response));
    } else refuse(response, 404, "there is / and /events\n");
  });
  const address = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://${address()}/`,
    send: (channel, fragment) => {
      const text = `event: ${channel}\ndata: ${JSON.stringify(fragment.text)}\n\n`;
      history.push({ channel, text });
      history = withoutOldest(history, channel);
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

function withoutOldest<T extends { channel: Channel }>(history: T[], channel: Channel): T[] {
  if (history.filter(entry => entry.channel === channel).length <= KEPT[channel]) return history;
  const oldest = history.findIndex(entry => entry.channel === channel);
  return history.filter((_, index) => index !== oldest);
}
