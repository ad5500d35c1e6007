import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { OtlpReceiver } from "../../scripts/otlp/index.ts";

/** A receiver's door for OTLP over gRPC, which Istio's providers speak: hands each message on as OTLP over HTTP, which has the same bodies. */
export interface GrpcDoor {
  readonly port: number;
  stop(): Promise<void>;
}

const PATHS: Readonly<Record<string, string>> = {
  "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "/v1/traces",
  "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "/v1/logs",
};
/** Not compressed, no bytes: an empty message of any type. */
const EMPTY = Buffer.alloc(5);

export async function openGrpcDoor(receiver: OtlpReceiver): Promise<GrpcDoor> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", session => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {});
    void exported(stream, PATHS[headers[":path"] ?? ""], receiver).then(status => answer(stream, status));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      for (const session of sessions) session.destroy();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

/** The gRPC status: 0 is good, 12 an unknown method, 13 a message that the receiver does not understand. */
async function exported(stream: ServerHttp2Stream, path: string | undefined, receiver: OtlpReceiver): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  if (path === undefined) return 12;
  for (const body of messages(Buffer.concat(chunks))) {
    const headers = { "content-type": "application/x-protobuf" };
    const { ok } = await fetch(`${receiver.url}${path}`, { method: "POST", headers, body: new Uint8Array(body) });
    if (!ok) return 13;
  }
  return 0;
}

/** Each is preceded by a flag for compression and four bytes of length. */
function* messages(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    yield bytes.subarray(at + 5, end);
    at = end;
  }
}

function answer(stream: ServerHttp2Stream, status: number): void {
  if (stream.destroyed) return;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(status) }));
  stream.end(EMPTY);
}
