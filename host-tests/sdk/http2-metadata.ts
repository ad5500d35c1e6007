/**
 * The two ends of an HTTP/2 connection that send METADATA frames, which no client or server library does.
 * Frames: https://www.rfc-editor.org/rfc/rfc9113#section-4.1, METADATA: type 0x4d, as Envoy's codec knows it.
 */
import { connect, createServer, type Socket } from "node:net";

const DATA = 0x0;
const HEADERS = 0x1;
const SETTINGS = 0x4;
const METADATA = 0x4d;
const END_STREAM = 0x1;
const ACK = 0x1;
const END_HEADERS = 0x4;
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

type Pairs = readonly (readonly [name: string, value: string])[];

/** Sends a request with metadata after its headers, and the body after that; answers the connection, to be closed. */
export function sendWithMetadata(target: { host: string; port: number }, headers: Pairs, metadata: Pairs): Socket {
  const pseudo: Pairs = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "a"],
  ];
  const socket = connect(target);
  socket.on("error", () => {});
  socket.write(PREFACE);
  socket.write(frame(SETTINGS, 0, 0));
  socket.write(frame(HEADERS, END_HEADERS, 1, block([...pseudo, ...headers])));
  socket.write(frame(METADATA, END_HEADERS, 1, block(metadata)));
  socket.write(frame(DATA, END_STREAM, 1, Buffer.from("hello")));
  return socket;
}

/** An upstream that answers each request with 200, metadata and a body. */
export async function startMetadataServer(host: string, metadata: Pairs): Promise<{ url: string; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.write(frame(SETTINGS, 0, 0));
    let received = Buffer.alloc(0);
    let at = PREFACE.length;
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (; received.length >= at + 9 && received.length >= at + 9 + received.readUIntBE(at, 3); at += 9 + received.readUIntBE(at, 3)) {
        const [type, flags, stream] = [received[at + 3], received[at + 4] ?? 0, received.readUInt32BE(at + 5)];
        if (type === SETTINGS && (flags & ACK) === 0) socket.write(frame(SETTINGS, ACK, 0));
        if (type === HEADERS) {
          socket.write(frame(HEADERS, END_HEADERS, stream, block([[":status", "200"]])));
          socket.write(frame(METADATA, END_HEADERS, stream, block(metadata)));
          socket.write(frame(DATA, END_STREAM, stream, Buffer.from("answer")));
        }
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header block of literals that are never indexed and not compressed; names and values are shorter than 127 bytes. */
function block(pairs: Pairs): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value, "latin1")]);
  return Buffer.concat(pairs.flatMap(([name, value]) => [Buffer.from([0x10]), text(name), text(value)]));
}
