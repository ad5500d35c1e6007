import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What an application behind a sidecar passes on: it knows nothing of tracing and copies what it received. */
const PROPAGATED = new Set(["traceparent", "tracestate", "baggage"]);

interface OutgoingCall {
  url: string;
  arguments: unknown;
}

export interface TestService {
  port: number;
  stop(): Promise<void>;
}

/**
 * The service that the W3C suite tests: `POST /test` brings a JSON list of `{ url, arguments }`, and each element becomes a POST.
 * All calls go to `egress()`, the listener in front of the network, with the target in the Host field, as an application's calls do in a mesh.
 */
export async function startTestService(egress: () => number): Promise<TestService> {
  const server = createServer((incoming, response) => {
    handle(incoming, egress()).then(
      () => response.writeHead(200, { "content-type": "application/json" }).end("{}"),
      (error: Error) => response.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify({ error: error.message })),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(incoming: IncomingMessage, egressPort: number): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const calls = JSON.parse(Buffer.concat(chunks).toString("utf8")) as OutgoingCall[];
  const context = propagated(incoming.rawHeaders);
  for (const call of calls) await post(call, context, egressPort);
}

/** The raw pairs, so that repeated fields, their order and their bytes stay as they came. */
function propagated(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    if (PROPAGATED.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

function post(call: OutgoingCall, context: readonly string[], egressPort: number): Promise<void> {
  const url = new URL(call.url);
  const body = JSON.stringify(call.arguments ?? []);
  const own = ["host", url.host, "content-type", "application/json", "content-length", String(Buffer.byteLength(body))];
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: "127.0.0.1",
      port: egressPort,
      method: "POST",
      path: url.pathname,
      headers: [...own, ...context] as unknown as Record<string, string>,
    });
    request.once("error", reject);
    request.once("response", response => {
      response.resume();
      response.once("end", () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`POST ${call.url} through the egress listener answered ${response.statusCode}`)),
      );
    });
    request.end(body);
  });
}
