import type { HostAnswer } from "./types.ts";

/** What a gRPC server answers. */
export interface GrpcAnswer {
  /** The message's bytes; a string stands for its latin1 bytes. */
  message?: string | Uint8Array;
  /** 0 by default: OK. */
  status?: number;
  statusMessage?: string;
  /** Further headers, which gRPC calls initial metadata. */
  headers?: [name: string, value: string][];
  /** Further trailers, which gRPC calls trailing metadata. */
  trailers?: [name: string, value: string][];
  delayMs?: number;
}

/** An answer of gRPC, for an upstream whose cluster is `http2: true`: one without a message has its status in the headers, as servers do. */
export function grpcAnswer({ message, status = 0, statusMessage, headers = [], trailers = [], delayMs }: GrpcAnswer = {}): HostAnswer {
  const type: [string, string] = ["content-type", "application/grpc"];
  const end: [string, string][] = [["grpc-status", String(status)], ...trailers];
  if (statusMessage !== undefined) end.push(["grpc-message", encodeURIComponent(statusMessage).replaceAll("%20", " ")]);
  const late = delayMs === undefined ? {} : { delayMs };
  if (message === undefined) return { headers: [type, ...headers, ...end], body: "", ...late };
  return { headers: [type, ...headers], body: grpcFrame(message), trailers: end, ...late };
}

/** A message as gRPC sends it: a byte for "not compressed", the length, the bytes. */
export function grpcFrame(message: string | Uint8Array): Buffer {
  const bytes = typeof message === "string" ? Buffer.from(message, "latin1") : Buffer.from(message);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** The messages in the body of a gRPC request or response, which has its bytes as latin1. */
export function grpcMessages(body: string | Uint8Array): Buffer[] {
  const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : Buffer.from(body);
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + (at + 5 <= bytes.length ? bytes.readUInt32BE(at + 1) : 0);
    if (end > bytes.length || at + 5 > bytes.length) {
      throw new TypeError(`grpcMessages: the body has ${bytes.length} bytes and ends within a message that begins at byte ${at}`);
    }
    if (bytes[at] !== 0) throw new TypeError(`grpcMessages: the message at byte ${at} is compressed, which is not understood here`);
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}
