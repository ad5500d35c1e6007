import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What an application in a mesh has to do for tracing, and all it has to do: hand these headers on with the calls that a request causes.
 * No tracing library, no span.
 */
const HANDED_ON = ["traceparent", "tracestate", "baggage", "x-request-id", "x-user-id", "x-tenant-id"];

export type ServiceName = "frontend" | "user-service" | "order-service";

/** What a service answers to: given the caller's path and a way to call others through its own Envoy. */
type Handler = (path: string, call: (path: string) => Promise<unknown>) => Promise<unknown>;

const HANDLERS: Record<ServiceName, Handler> = {
  // The two calls one after the other: a user first, then the orders of the day.
  frontend: async (_, call) => ({ user: await call("/users/current"), orders: await call("/orders/today") }),
  "user-service": async (_, call) => ({ name: "Ada", lastOrder: await call("/orders/last") }),
  "order-service": async path => ({ order: path.endsWith("last") ? 41 : 42 }),
};

export interface Service {
  name: ServiceName;
  url: string;
  /** Where the service's own Envoy takes its calls to others; known once that Envoy runs. */
  egress: string;
  stop(): Promise<void>;
}

export async function startService(name: ServiceName): Promise<Service> {
  const service: Service = { name, url: "", egress: "", stop: () => close(server) };
  const server = createServer((incoming, response) => {
    const call = (path: string): Promise<unknown> => get(service.egress + path, handedOn(incoming.headers));
    HANDLERS[name](incoming.url ?? "/", call).then(
      body => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)),
      (error: Error) => response.writeHead(502, { "content-type": "text/plain" }).end(`${name}: ${error.message}\n`),
    );
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return service;
}

function handedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = HANDED_ON.flatMap(name => (headers[name] === undefined ? [] : [[name, String(headers[name])]]));
  return Object.fromEntries(entries) as Record<string, string>;
}

function get(url: string, headers: Record<string, string>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, agent: false }, response => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}: ${text.trim()}`));
        else resolve(JSON.parse(text));
      });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
