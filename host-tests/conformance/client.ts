import { connect } from "node:net";
import type { Scenario } from "./scenarios.ts";
import { PATIENCE_MS } from "./worker-log.ts";

/** A request under way. */
export interface Sent {
  /** All that came until the connection was closed; null when it broke, or was given up. */
  received: Promise<string | null>;
  giveUp(): void;
}

export function send(target: { host: string; port: number }, scenario: Scenario): Sent {
  let all = "";
  const socket = connect(target, () => socket.write(requestBytes(scenario)));
  const giveUp = (): void => void socket.destroy(new Error("given up"));
  socket.setTimeout(PATIENCE_MS, giveUp);
  socket.on("data", chunk => {
    all += chunk.toString("latin1");
  });
  const received = new Promise<string | null>(resolve => {
    socket.on("error", () => resolve(null));
    socket.on("close", () => resolve(all));
  });
  return { received, giveUp };
}

function requestBytes({ mode, method = "GET", path = "/", headers = [], body, trailers }: Scenario): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "host: probe",
    `x-mode: ${mode}`,
    "user-agent: probe",
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  let text = body ?? "";
  if (trailers) {
    lines.push("transfer-encoding: chunked", `trailer: ${trailers.map(([name]) => name).join(",")}`);
    text = `${(body ?? "").length.toString(16)}\r\n${body}\r\n0\r\n${trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  } else if (body !== undefined) lines.push(`content-length: ${body.length}`);
  return Buffer.from(`${lines.join("\r\n")}\r\nconnection: close\r\n\r\n${text}`, "latin1");
}

/** Status, headers, body and trailers of what came over the wire; how the body was cut into chunks is left out. */
export function clientLine(received: string | null, { method }: Scenario): string {
  if (received === null) return NO_ANSWER;
  const [head = "", ...rest] = received.split("\r\n\r\n");
  const [status = "", ...headers] = head.split("\r\n");
  const chunked = method !== "HEAD" && headers.includes("transfer-encoding: chunked");
  const [body, trailers] = chunked ? unchunked(rest.join("\r\n\r\n")) : [rest.join("\r\n\r\n"), []];
  return shownResponse(status.split(" ")[1] ?? status, headers, body, trailers);
}

export const NO_ANSWER = "client got no answer";

export function shownResponse(status: string, headers: readonly string[], body: string, trailers: readonly string[]): string {
  const more = trailers.length > 0 ? ` | trailers ${trailers.join(" | ")}` : "";
  return `client got ${[status, ...headers].join(" | ")} | ${body.length} '${body.slice(0, 200)}'${more}`;
}

function unchunked(text: string): [body: string, trailers: string[]] {
  let [body, rest] = ["", text];
  for (;;) {
    const match = /^([0-9a-f]+)\r\n/.exec(rest);
    if (!match) return [`${body} and no end`, []];
    const size = Number.parseInt(match[1] ?? "", 16);
    rest = rest.slice(match[0].length);
    if (size === 0) return [body, rest.split("\r\n").filter(line => line !== "")];
    body += rest.slice(0, size);
    rest = rest.slice(size + 2);
  }
}
