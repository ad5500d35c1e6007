import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** What an application has to hand on with the calls that a request causes; it has no tracing library. */
const HANDED_ON = ["traceparent", "tracestate", "baggage"];

export interface Service {
  readonly url: string;
  /** The egress listener of its Envoy; known once that runs. */
  egress: string;
  stop(): Promise<void>;
}

/** A service that makes the calls `paths`, one after the other, through its Envoy, and then answers. */
export async function startService(paths: readonly string[]): Promise<Service> {
  const server = createServer(async (incoming, response) => {
    const headers = Object.fromEntries(
      HANDED_ON.flatMap(name => (name in incoming.headers ? [[name, String(incoming.headers[name])]] : [])),
    );
    try {
      for (const path of paths) await get(service.egress + path, headers);
      response.end("ok");
    } catch (error) {
      response.writeHead(502).end(String(error));
    }
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const service: Service = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    egress: "",
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return service;
}

function get(url: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers }, response => {
      response.resume();
      response.once("error", reject);
      response.once("end", () => (response.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${response.statusCode}`))));
    });
    outgoing.once("error", reject);
    outgoing.end();
  });
}
