import { once } from "node:events";
import { type AddressInfo, createServer, connect as openSocket, type Server, type Socket } from "node:net";
import type { ReadTracker } from "./read-tracker.ts";
import { SocketEnd } from "./socket-end.ts";
import { TcpAnswers } from "./tcp-answers.ts";
import type { HostTcpUpstream, TcpUpstreamOptions } from "./types.ts";

/** A client's connection to a listener of the real Envoy. */
export async function connectReal(
  address: { host: string; port: number },
  listener: string,
  tracker: ReadTracker,
  opened?: Socket,
): Promise<SocketEnd> {
  await tracker.begin();
  const socket = opened ?? openSocket({ ...address, allowHalfOpen: true });
  if (socket.connecting) await once(socket, "connect");
  return follow(socket, `the client of listener "${listener}"`, tracker);
}

/** A TCP upstream of the tests' own. */
export interface RealTcpUpstream extends HostTcpUpstream {
  stop(): Promise<void>;
}

export async function startTcpUpstream(host: string, options: TcpUpstreamOptions, tracker: ReadTracker): Promise<RealTcpUpstream> {
  const answers = new TcpAnswers(options);
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const end = follow(socket, "the upstream", tracker);
    answers.opened(end);
    socket.on("data", data => answers.came(end, data));
    socket.once("end", () => answers.ended(end));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: answers.connections,
    next: () => answers.next(),
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The socket as an end; each piece is written when the one before has been read. */
function follow(socket: Socket, name: string, tracker: ReadTracker): SocketEnd {
  socket.setNoDelay(true);
  tracker.add(socket);
  const caughtUp = (): Promise<void> => tracker.caughtUp(name, () => socket.destroyed || socket.readableEnded);
  const end = new SocketEnd(name, {
    async write(bytes) {
      await caughtUp();
      if (!socket.destroyed) socket.write(bytes);
    },
    async end() {
      await caughtUp();
      socket.end();
    },
    async reset() {
      socket.resetAndDestroy();
    },
  });
  socket.on("data", data => end.take(data));
  socket.once("end", () => end.finish("end"));
  socket.once("error", () => end.finish("reset"));
  socket.once("close", () => end.finish("end"));
  return end;
}
