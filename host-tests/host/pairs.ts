import type { ByteString } from "./bytes.ts";

/** Name and value, in order, names repeated where they are. */
export type Pairs = readonly (readonly [name: ByteString, value: ByteString])[];

/** Larger maps are taken for empty ones. */
const MAX_BYTES = 1024 * 1024;
const MAX_PAIRS = 1024;

/**
 * The ABI's form of a map:
 *
 *   count | (name size | value size) * count | (name 0 value 0) * count      (sizes are 32-bit little-endian)
 */
export function encodePairs(pairs: Pairs): Buffer {
  let size = 4;
  for (const [name, value] of pairs) size += 8 + name.length + 1 + value.length + 1;
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32LE(pairs.length, 0);
  let at = 4;
  for (const [name, value] of pairs) {
    bytes.writeUInt32LE(name.length, at);
    bytes.writeUInt32LE(value.length, at + 4);
    at += 8;
  }
  for (const [name, value] of pairs) {
    at += bytes.write(name, at, "latin1") + 1;
    at += bytes.write(value, at, "latin1") + 1;
  }
  return bytes;
}

/** Reads the ABI's form of a map. What is malformed or too large is an empty map: the host does not say so. */
export function decodePairs(bytes: Buffer): [ByteString, ByteString][] {
  if (bytes.length < 4 || bytes.length > MAX_BYTES) return [];
  const count = bytes.readUInt32LE(0);
  if (count > MAX_PAIRS || 4 + count * 8 > bytes.length) return [];
  const pairs: [ByteString, ByteString][] = [];
  let at = 4 + count * 8;
  const take = (size: number): ByteString | null => {
    const end = at + size;
    if (end + 1 > bytes.length || bytes[end] !== 0) return null;
    const text = bytes.toString("latin1", at, end);
    at = end + 1;
    return text;
  };
  for (let i = 0; i < count; i++) {
    const name = take(bytes.readUInt32LE(4 + i * 8));
    const value = name === null ? null : take(bytes.readUInt32LE(8 + i * 8));
    if (name === null || value === null) return [];
    pairs.push([name, value]);
  }
  return at === bytes.length ? pairs : [];
}
