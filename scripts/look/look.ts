import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Span } from "../otlp/index.ts";
import { isOwnHost, policy } from "../page/index.ts";
import { page } from "./page.ts";
import { Tenants } from "./tenants.ts";
import { type LookLog, traceViews } from "./traces.ts";
import type { View } from "./view.ts";

export interface LookOptions {
  /** The latest spans that there are by now. */
  spans(): readonly Span[];
  /** Shown with their addresses. */
  readonly services: readonly { readonly name: string; readonly url: string }[];
  /** A command to try, shown on the page. */
  readonly hint: string;
  /** All lines of the access logs that there are by now. */
  logs(): Promise<LookLog[]>;
  /** `/stats` of the Envoys that run `tenant-metrics`. */
  stats(): Promise<string[]>;
  readonly port?: number | undefined;
}

export interface Look {
  readonly url: string;
  stop(): Promise<void>;
}

const TRACES = 50;
const LOOK_EVERY_MS = 1000;

/** Serves a page, to browsers on this machine, with traces as waterfalls, their attributes and log lines, and requests by tenant. */
export async function startLook(options: LookOptions): Promise<Look> {
  const { spans, services, hint, logs, stats, port = 0 } = options;
  const tenants = new Tenants();
  const browsers = new Set<ServerResponse>();
  let shown = "";
  let stopped = false;
  const look = async (): Promise<void> => {
    tenants.add(Math.round(Date.now() / 1000), await stats());
    const view: View = { services, hint, traces: traceViews(spans(), await logs(), TRACES), tenants: tenants.view() };
    shown = JSON.stringify(view);
    for (const browser of browsers) browser.write(event(shown));
  };
  await look();
  const running = (async () => {
    while (!stopped) {
      await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS));
      // An Envoy that is just ending has no answer; the next look is soon.
      if (!stopped) await look().catch(() => {});
    }
  })();

  const files = servedFiles();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = files.get(pathname);
    if (!isOwnHost(request, address())) response.writeHead(403, PLAIN).end(`this is ${address()} and no other host\n`);
    else if (request.method !== "GET") response.writeHead(405, PLAIN).end("only GET\n");
    else if (pathname === "/") {
      const nonce = randomBytes(16).toString("base64");
      const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy(nonce), "cache-control": "no-store" };
      response.writeHead(200, headers).end(page(nonce));
    } else if (pathname === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).write(event(shown));
      browsers.add(response);
      response.on("close", () => browsers.delete(response));
    } else if (file) response.writeHead(200, { "content-type": file.type }).end(readFileSync(file.path));
    else response.writeHead(404, PLAIN).end("there is /\n");
  });
  const address = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://${address()}/`,
    stop: async () => {
      stopped = true;
      await running;
      await new Promise<void>(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const PLAIN = { "content-type": "text/plain" };
const event = (view: string): string => `data: ${view}\n\n`;

/** Our own script, and the chart library from its package. */
function servedFiles(): Map<string, { path: string; type: string }> {
  const { resolve } = createRequire(import.meta.url);
  return new Map([
    ["/look.js", { path: resolve("meshwright/look"), type: "text/javascript" }],
    ["/uplot.js", { path: resolve("uplot/dist/uPlot.esm.js"), type: "text/javascript" }],
    ["/uplot.css", { path: resolve("uplot/dist/uPlot.min.css"), type: "text/css" }],
  ]);
}
