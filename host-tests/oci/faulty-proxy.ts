import { request as forward, type IncomingMessage } from "node:http";
import { type Listening, listen } from "./listen.ts";

/** How many bytes of a request's body to let through before the line breaks; null to let all of it through. */
export type Fault = (request: IncomingMessage) => number | null;

/** Stands before a registry and cuts connections, in the middle of a body or before it. */
export function startFaultyProxy(target: string, fault: Fault): Promise<Listening> {
  const [hostname, port] = target.split(":");
  return listen((request, response) => {
    let left = fault(request) ?? Number.POSITIVE_INFINITY;
    const { method, url: path, headers } = request;
    // With the Host header as it came: a registry makes its locations of it, and the next request comes here again.
    const onward = forward({ hostname, port, method, path, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    const cut = (): void => {
      onward.destroy();
      request.socket.destroy();
    };
    onward.on("error", () => request.socket.destroy());
    request.on("data", (chunk: Buffer) => {
      onward.write(chunk.subarray(0, Math.min(left, chunk.length)), () => {
        if (left <= 0) cut();
      });
      left -= chunk.length;
    });
    request.on("end", () => {
      if (left <= 0) cut();
      else onward.end();
    });
    request.on("error", () => onward.destroy());
  });
}
