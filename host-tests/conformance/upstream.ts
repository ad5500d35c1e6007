import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer, UpstreamRequest } from "../host/index.ts";
import { until } from "./worker-log.ts";

/** So late that whoever waits has given up long before, on the most loaded machine. */
const SLOW_MS = 30_000;

/** What the upstream of the probe does with a path; the same behind both hosts. */
export function answerTo(request: UpstreamRequest): (Answer & { delayMs?: number }) | "reset" {
  const path = request.path.split("?")[0];
  if (path === "/reset") return "reset";
  if (path === "/empty") return { status: 204, headers: [["x-up", "1"]] };
  if (path === "/missing") return { status: 404, headers: [["content-type", "text/plain"]], body: "nothing" };
  const headers: [string, string][] = [
    ["content-type", "text/plain"],
    ["x-up", "1"],
    ["x-twice", "a"],
    ["X-Twice", "b"],
    ["x-empty", ""],
  ];
  if (path === "/trailers") return { headers: [...headers, ["trailer", "x-trail"]], body: "hello", trailers: [["x-trail", "t"]] };
  if (path === "/large") return { headers, body: "y".repeat(3000) };
  return { headers, body: request.method === "HEAD" ? "" : "hello", ...(path === "/slow" ? { delayMs: SLOW_MS } : {}) };
}

/** What Node's server adds to an answer. */
export function withServerHeaders(answer: Answer, method: string): Answer {
  const added: [string, string][] = [
    ["date", new Date().toUTCString()],
    ["connection", "keep-alive"],
    ["keep-alive", "timeout=60"],
  ];
  if (answer.status !== 204 && method !== "HEAD") added.push(["transfer-encoding", "chunked"]);
  return { ...answer, headers: [...(answer.headers ?? []), ...added] };
}

export interface ProbeUpstream {
  url: string;
  /** Waits until `count` requests have come since the last `take`. */
  reach(count: number): Promise<void>;
  /** What has come since the last `take`. */
  take(): UpstreamRequest[];
  stop(): Promise<void>;
}

/** The upstream as a server. */
export async function startUpstream(host: string): Promise<ProbeUpstream> {
  let seen: UpstreamRequest[] = [];
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const answered = received(incoming).then(request => {
      seen.push(request);
      const answer = answerTo(request);
      if (answer === "reset") response.destroy();
      else if (answer.delayMs) {
        const timer = setTimeout(() => send(response, answer), answer.delayMs);
        response.once("close", () => clearTimeout(timer));
      } else send(response, answer);
    });
    // A stream that a filter resets in the middle.
    answered.catch(() => response.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reach: count => until(() => seen.length >= count),
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status ?? 200, (answer.headers ?? []).flat());
  if (answer.trailers) response.addTrailers(answer.trailers.map(([name, value]): [string, string] => [name, value]));
  response.end(answer.body);
}

export function upstreamLine({ method, path, headers, body }: UpstreamRequest): string {
  const shown = headers.map(([name, value]) => `${name}: ${value}`).join(" | ");
  return `upstream got ${method} ${path} | ${shown} | ${body.length} '${body.slice(0, 60)}'`;
}

async function received(incoming: IncomingMessage): Promise<UpstreamRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const pairs = (flat: readonly string[]): [string, string][] =>
    flat.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, flat[i + 1] ?? ""]] : []));
  const headers = [
    ...pairs(incoming.rawHeaders),
    ...pairs(incoming.rawTrailers).map(([name, value]): [string, string] => [`trailer ${name}`, value]),
  ];
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers, body: Buffer.concat(chunks).toString("latin1") };
}
