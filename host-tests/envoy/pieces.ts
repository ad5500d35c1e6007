/** A body as it is sent: whole, or in pieces that are sent one by one. An asynchronous one decides when each of its pieces comes. */
export type Body = string | Uint8Array | readonly (string | Uint8Array)[] | AsyncIterable<string | Uint8Array>;

/** The bytes of a string that stands for its latin1 bytes. */
export function latin1(body: string): Buffer {
  const beyond = /[^\0-\xff]/.exec(body);
  if (beyond)
    throw new TypeError(
      `a body given as a string has one byte for each character, and "${beyond[0]}" is none; give Buffer.from(text) for UTF-8`,
    );
  return Buffer.from(body, "latin1");
}

/** How many bytes it has; null when only its end will tell. */
export function bodyLength(body: Body | undefined): number | null {
  if (body === undefined) return 0;
  if (typeof body === "string" || body instanceof Uint8Array) return body.length;
  return Array.isArray(body) ? (body as (string | Uint8Array)[]).reduce((sum, { length }) => sum + length, 0) : null;
}

/** Its pieces that have bytes, in their order; `encode` makes bytes of strings. */
export async function* piecesOf(body: Body | undefined, encode: (text: string) => Buffer = latin1): AsyncGenerator<Uint8Array> {
  if (body === undefined) return;
  const pieces = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  for await (const piece of pieces) {
    const bytes = typeof piece === "string" ? encode(piece) : piece;
    if (bytes.length > 0) yield bytes;
  }
}
