import { createConnection } from "node:net";

/**
 * Requests `from` to `to` on one connection, each after the answer to the one before, with what `headers` has for its number; resolves with
 * how many there were, all answered with 200. For listeners that answer by themselves with the body "ok": its end is the answer's end.
 */
export function inTurn(
  { host, port }: { host: string; port: number },
  from: number,
  to: number,
  headers: (n: number) => string,
  answered: (head: string, n: number) => void = () => {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, noDelay: true });
    let next = from;
    const send = () => socket.write(`GET / HTTP/1.1\r\nhost: a\r\n${headers(next++)}\r\n`);
    socket.setEncoding("latin1");
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`closed after ${next - from} of ${to - from} requests`)));
    let answer = "";
    socket.on("data", (data: string) => {
      answer += data;
      if (!answer.endsWith("\r\n\r\nok")) return;
      if (!answer.startsWith("HTTP/1.1 200 ")) return reject(new Error(answer));
      answered(answer, next - 1);
      answer = "";
      if (next < to) return send();
      resolve(to - from);
      socket.destroy();
    });
  });
}

/** The same over several connections at a time; resolves with the number of answers. */
export async function manyInTurn(
  address: { host: string; port: number },
  total: number,
  connections: number,
  headers: (n: number) => string,
  answered?: (head: string, n: number) => void,
): Promise<number> {
  const each = Math.ceil(total / connections);
  const parts = Array.from({ length: connections }, (_, i) =>
    inTurn(address, i * each, Math.min((i + 1) * each, total), headers, answered),
  );
  return (await Promise.all(parts)).reduce((sum, n) => sum + n, 0);
}
