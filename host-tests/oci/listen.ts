import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listening {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  stop(): Promise<void>;
}

/** A server on a free port of this machine. */
export function listen(handler: RequestListener): Promise<Listening> {
  return listenWith(createServer(handler));
}

export function listenWith(server: Server): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      const stop = (): Promise<void> =>
        new Promise(done => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ host: `127.0.0.1:${port}`, stop });
    });
  });
}

/** A port that is free now, for a program that does not tell which one it took. */
export async function freePort(): Promise<number> {
  const { host, stop } = await listen(() => {});
  await stop();
  return Number(host.split(":")[1]);
}
