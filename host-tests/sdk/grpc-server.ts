import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";

export interface GrpcServer {
  url: string;
  /** Of the calls, in their order. */
  authorities: string[];
  stop(): Promise<void>;
}

/** A gRPC server of the tests' own: `Say` answers once, `Talk` echoes each message, `Fail` refuses. */
export async function startGrpcServer(host: string): Promise<GrpcServer> {
  const server = createServer();
  const authorities: string[] = [];
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    authorities.push(String(headers[":authority"]));
    const method = String(headers[":path"]).split("/").pop();
    const asked = String(headers["x-asked"] ?? "nothing");
    stream.on("error", () => {});
    if (method === "Fail") {
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "grpc-status": "7", "grpc-message": "not for you" },
        { endStream: true },
      );
      return;
    }
    stream.respond({ ":status": 200, "content-type": "application/grpc", "x-initial": asked }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-trailing": "bye" }));
    let received = Buffer.alloc(0);
    stream.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
        const size = received.readUInt32BE(1);
        stream.write(framed(`${asked} ${received.subarray(5, 5 + size)}`));
        received = received.subarray(5 + size);
      }
    });
    stream.on("end", () => stream.end());
  });
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", session => sessions.add(session));
  return {
    authorities,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise(resolve => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}

function framed(text: string): Buffer {
  const message = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
