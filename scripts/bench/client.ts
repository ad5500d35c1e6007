import { connect } from "node:net";

export interface Target {
  host: string;
  port: number;
}

/**
 * Sends `count` requests, those of `kinds` in turn, over kept-alive HTTP/1.1 connections, one at a time on each.
 * Resolves when all are answered.
 * Rejects at the first answer that is not 200: a count over refused requests says nothing.
 */
export async function sendRequests(target: Target, kinds: readonly string[], count: number, connections = 1): Promise<void> {
  const used = Math.min(connections, count);
  const shares = Array.from({ length: used }, (_, i) => Math.floor(count / used) + (i < count % used ? 1 : 0));
  const requests = kinds.map(kind => Buffer.from(kind, "latin1"));
  await Promise.all(shares.map(share => overOneConnection(target, requests, share)));
}

/** Nothing takes that long, not even under valgrind; whoever waits longer waits for ever. */
const SILENT_MS = 120_000;

/** Not pipelined: Envoy takes more than two answers that wait for one client as a flood and closes the connection. */
function overOneConnection(target: Target, requests: readonly Buffer[], count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    let received: Buffer = Buffer.alloc(0);
    const socket = connect({ ...target, noDelay: true }, () => send());
    const send = (): boolean => socket.write(requests[answered % requests.length] as Buffer);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.on("data", chunk => {
      received = received.length > 0 ? Buffer.concat([received, chunk]) : chunk;
      try {
        if (!isWhole(received)) return;
      } catch (error) {
        fail(error as Error);
        return;
      }
      received = Buffer.alloc(0);
      answered++;
      if (answered < count) send();
      else {
        socket.destroy();
        resolve();
      }
    });
    socket.on("error", fail);
    socket.setTimeout(SILENT_MS, () =>
      fail(new Error(`Envoy did not answer within ${SILENT_MS / 1000} s, after ${answered} of ${count} requests`)),
    );
    socket.on("close", () => fail(new Error(`Envoy closed a connection after ${answered} of ${count} requests`)));
  });
}

/** Whether an answer with a content-length is all there; throws for one that is not 200. */
export function isWhole(response: Buffer): boolean {
  const headersEnd = response.indexOf("\r\n\r\n");
  if (headersEnd < 0) return false;
  const head = response.toString("latin1", 0, headersEnd);
  if (!head.startsWith("HTTP/1.1 200")) throw new Error(`Envoy answered ${head.split("\r\n", 1)[0]}`);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error("Envoy answered without content-length");
  return response.length >= headersEnd + 4 + Number(length);
}
