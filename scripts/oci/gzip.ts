import { crc32, gunzipSync } from "node:zlib";
import { OciError } from "./errors.ts";

const LARGEST_STORED = 0xffff;

/**
 * The bytes in gzip's format, stored and not compressed: what zlib makes of the same bytes differs between versions of Node and kinds
 * of processor, and the image's digest would differ with it.
 *
 *     | 1f 8b 08, flags 00, time 00000000, 00, system ff: unknown | { last? | length | ~length | bytes }… | crc32 | length |
 *
 * Spec: RFC 1952, and RFC 1951 section 3.2.4 for the blocks.
 */
export function storedGzip(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)];
  let start = 0;
  do {
    const block = bytes.subarray(start, start + LARGEST_STORED);
    start += block.length;
    const head = Buffer.alloc(5);
    head.writeUInt8(start === bytes.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(block.length ^ 0xffff, 3);
    parts.push(head, block);
  } while (start < bytes.length);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(bytes), 0);
  tail.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([...parts, tail]);
}

/** The inverse, of any gzip; refuses to unpack more than `largest` bytes. */
export function gunzip(bytes: Uint8Array, largest: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: largest });
  } catch (error) {
    const text = `oci: the layer cannot be unpacked: ${(error as Error).message}; build and push the image again`;
    throw new OciError("form", text, { cause: error });
  }
}
