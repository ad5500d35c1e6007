/**
 * Bytes as a string with one character for each byte (latin1). Headers, properties and keys are kept so: nothing is lost, and `===`
 * compares bytes. `"caf\xe9"` is the byte e9, as in the driver of the real Envoy.
 */
export type ByteString = string;

export function fromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

export function toBytes(text: ByteString): Buffer {
  return Buffer.from(text, "latin1");
}

/** Text as its UTF-8 bytes. */
export function utf8(text: string): ByteString {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The text of UTF-8 bytes; what is none reads as U+FFFD. */
export function textOf(bytes: ByteString): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** A body or message as a test gives it: a string stands for its latin1 bytes, and what has more than those is refused. */
export function bodyBytes(body: string | Uint8Array | undefined): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body !== "string") return Buffer.from(body);
  const beyond = /[^\0-\xff]/.exec(body);
  if (beyond)
    throw new TypeError(
      `a body given as a string has one byte for each character, and "${beyond[0]}" is none; give Buffer.from(text) for UTF-8`,
    );
  return toBytes(body);
}

/** A body's pieces that have bytes. */
export function piecesOf(body: string | Uint8Array | readonly (string | Uint8Array)[] | undefined): Buffer[] {
  const pieces = body === undefined || typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  return pieces.map(piece => bodyBytes(piece)).filter(({ length }) => length > 0);
}

/** Whether pieces come in their own time. */
export function isAsync(body: unknown): body is AsyncIterable<string | Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}
