import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { decodeLogs, decodeSpans, type LogRecord, type Span } from "./decode.ts";

export interface OtlpReceiver {
  /** Base URL, as an exporter's endpoint: http://127.0.0.1:4318. */
  url: string;
  port: number;
  /** Every span so far, or those for which `where` holds. */
  spans(where?: (span: Span) => boolean): Span[];
  logs(): LogRecord[];
  /** Waits for at least `wanted` spans, or until `wanted` holds for all spans; answers all spans. */
  waitForSpans(wanted: number | ((spans: Span[]) => boolean), timeoutMs?: number): Promise<Span[]>;
  /** Calls `listener` with each span that arrives; returns the function that ends it. */
  follow(listener: (span: Span) => void): () => void;
  /** Requests that could not be decoded, with the reason; a test wants it empty. */
  errors(): string[];
  clear(): void;
  stop(): Promise<void>;
}

/**
 * Receives what an OpenTelemetry exporter sends over OTLP/HTTP in protobuf: /v1/traces and /v1/logs.
 * `host` is 127.0.0.1 unless the exporter runs in a container; port 0 takes any free one.
 */
export async function startReceiver({ host = "127.0.0.1", port = 0 } = {}): Promise<OtlpReceiver> {
  const spans: Span[] = [];
  const logs: LogRecord[] = [];
  const errors: string[] = [];
  const listeners = new Set<(span: Span) => void>();

  const accept = (path: string, body: Buffer): boolean => {
    if (path === "/v1/traces") {
      for (const span of decodeSpans(body)) {
        spans.push(span);
        for (const listener of [...listeners]) listener(span);
      }
    } else if (path === "/v1/logs") {
      logs.push(...decodeLogs(body));
    } else {
      return false;
    }
    return true;
  };

  const server = createServer((request, response) => {
    readBody(request)
      .then(body => (accept(new URL(request.url ?? "/", "http://otlp").pathname, body) ? 200 : 404))
      .catch((error: Error) => {
        errors.push(`${request.url}: ${error.message}`);
        return 400;
      })
      .then(status => answer(response, status));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;

  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    spans: where => (where ? spans.filter(where) : [...spans]),
    logs: () => [...logs],
    errors: () => [...errors],
    clear: () => {
      spans.length = 0;
      logs.length = 0;
    },
    follow: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    waitForSpans: (wanted, timeoutMs = 30_000) => waitFor(spans, listeners, wanted, timeoutMs),
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function waitFor(
  spans: Span[],
  listeners: Set<(span: Span) => void>,
  wanted: number | ((spans: Span[]) => boolean),
  timeoutMs: number,
): Promise<Span[]> {
  const holds = (): boolean => (typeof wanted === "number" ? spans.length >= wanted : wanted([...spans]));
  if (holds()) return Promise.resolve([...spans]);
  return new Promise((resolve, reject) => {
    const check = (): void => {
      if (!holds()) return;
      clearTimeout(timer);
      listeners.delete(check);
      resolve([...spans]);
    };
    listeners.add(check);
    const timer = setTimeout(() => {
      listeners.delete(check);
      const seen = spans.map(span => `  ${span.service} ${span.kind} ${span.name} trace ${span.traceId}`).join("\n");
      const hoped = typeof wanted === "number" ? `${wanted} spans` : "the awaited spans";
      reject(new Error(`${hoped} did not arrive within ${timeoutMs} ms; ${spans.length} did:\n${seen}`));
    }, timeoutMs);
  });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

/** An empty ExportTraceServiceResponse or ExportLogsServiceResponse is zero bytes. */
function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "application/x-protobuf" });
  response.end();
}
