import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { ClusterHandler, GrpcCall } from "../host/index.ts";

const ANSWER = "re: hello";

/** The gRPC service as a server: method Fail fails, Slow never answers, all others answer the first message and end. */
export async function startGrpc(host: string): Promise<{ url: string; stop(): Promise<void> }> {
  const server: Http2Server = createServer();
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    if (headers[":path"]?.endsWith("/Slow")) return;
    if (headers[":path"]?.endsWith("/Fail")) {
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "grpc-status": "7", "grpc-message": "no way" },
        { endStream: true },
      );
    } else stream.once("data", () => answer(stream));
  });
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise(resolve => void server.close(() => resolve())),
  };
}

function answer(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc", "x-initial": "i" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-trailing": "t" }));
  const frame = Buffer.alloc(5 + ANSWER.length);
  frame.writeUInt32BE(ANSWER.length, 1);
  frame.write(ANSWER, 5);
  stream.end(frame);
}

/** The same service behind the emulator. */
export const grpcHandler: ClusterHandler = {
  grpc(call: GrpcCall) {
    if (call.method === "Slow") return;
    if (call.method === "Fail") {
      call.initialMetadata([["grpc-status", "7"]]);
      call.trailingMetadata([["grpc-status", "7"]]);
      return call.close(7, "no way");
    }
    const steps = [
      () => call.initialMetadata([["x-initial", "i"]]),
      () => call.message(ANSWER),
      () => call.trailingMetadata([["x-trailing", "t"]]),
      () => call.close(0),
    ];
    for (const step of steps) if (call.state === "open") step();
  },
};
