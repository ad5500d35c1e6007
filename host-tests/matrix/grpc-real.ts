import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { grouped, inPairs } from "../envoy/http2-headers.ts";
import { grpcAnswer, grpcFrame } from "./grpc.ts";
import { GrpcServerCall } from "./grpc-server-call.ts";
import { Queue } from "./queue.ts";
import type { HostGrpcUpstream } from "./types.ts";

/** A gRPC server of the tests' own. */
export interface RealGrpcUpstream extends HostGrpcUpstream {
  stop(): Promise<void>;
}

export async function startGrpcUpstream(host: string): Promise<RealGrpcUpstream> {
  const calls: GrpcServerCall[] = [];
  const waiting = new Queue<GrpcServerCall>("a call of the gRPC upstream");
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on("session", session => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.on("stream", (stream: ServerHttp2Stream, _: IncomingHttpHeaders, __: number, raw?: unknown) => {
    const call = follow(stream, inPairs(raw as string[]));
    calls.push(call);
    waiting.put(call);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    next: () => waiting.take(),
    stop: () =>
      new Promise(resolve => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}

function follow(stream: ServerHttp2Stream, all: [string, string][]): GrpcServerCall {
  const pseudo = (name: string): string => all.find(([key]) => key === name)?.[1] ?? "";
  const headers: [string, string][] = [["host", pseudo(":authority")], ...all.filter(([name]) => !name.startsWith(":"))];
  let trailers: [string, string][] = [];
  const call = new GrpcServerCall(pseudo(":path"), headers, {
    metadata(pairs) {
      const type: [string, string] = ["content-type", "application/grpc"];
      stream.respond({ ":status": 200, ...grouped([type, ...pairs]) }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(grouped(trailers)));
    },
    send: message => void stream.write(grpcFrame(message)),
    end(end) {
      // Without a message an answer has headers alone.
      const whole = grpcAnswer({ ...end, ...(stream.headersSent ? { message: "" } : {}) });
      trailers = whole.trailers ?? [];
      if (stream.headersSent) stream.end();
      else stream.respond({ ":status": 200, ...grouped(whole.headers ?? []) }, { endStream: true });
    },
    reset: () => stream.session?.destroy(),
  });
  let rest = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5) {
      const end = 5 + rest.readUInt32BE(1);
      if (rest.length < end) return;
      call.take(Buffer.from(rest.subarray(5, end)));
      rest = rest.subarray(end);
    }
  });
  // A reset, which may come without an error code, ends what is read as well.
  stream.once("end", () => setImmediate(() => call.finish(stream.closed ? "reset" : "end")));
  stream.on("error", () => {});
  stream.once("close", () => call.finish("reset"));
  return call;
}
