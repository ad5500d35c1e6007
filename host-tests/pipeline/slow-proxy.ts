import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export interface SlowProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** Hands on what is sent to `target` in pieces, each after a pause: a Collector that is too slow for what comes. */
export async function startSlowProxy(target: string, { bytes, everyMs }: { bytes: number; everyMs: number }): Promise<SlowProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    const onward = connect(Number(port), hostname);
    for (const each of [socket, onward]) {
      sockets.add(each);
      each.on("error", () => {});
      each.on("close", () => sockets.delete(each));
    }
    onward.pipe(socket);
    socket.pause();
    const timer = setInterval(() => {
      const chunk: Buffer | null = socket.read(Math.min(bytes, socket.readableLength)) ?? socket.read();
      if (chunk) onward.write(chunk);
    }, everyMs);
    socket.on("end", () => onward.end());
    socket.on("close", () => {
      clearInterval(timer);
      onward.destroy();
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
