import { OciError } from "./errors.ts";

const BLOCK = 512;
const REGULAR = "0";

/**
 * A tar archive of one file. Owner, group and time are zero, so it depends on name and contents only.
 *
 *     | header 512 | contents, filled up to a multiple of 512 | two empty blocks |
 */
export function tarOf(name: string, contents: Uint8Array): Uint8Array {
  const padded = Math.ceil(contents.length / BLOCK) * BLOCK;
  const archive = new Uint8Array(BLOCK + padded + 2 * BLOCK);
  archive.set(header(name, contents.length));
  archive.set(contents, BLOCK);
  return archive;
}

/**
 * The first regular file whose name without folders is `basename`, as Istio looks for it; null when there is none.
 * Knows the ustar format and GNU's numbers, not the long names of pax: those are records of their own, and are passed over.
 */
export function findInTar(archive: Uint8Array, basename: string): Uint8Array | null {
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const block = archive.subarray(at, at + BLOCK);
    if (block.every(byte => byte === 0)) return null;
    const size = numberAt(block, 124, 12);
    const start = at + BLOCK;
    if (!Number.isSafeInteger(size) || size < 0 || start + size > archive.length) {
      throw new OciError("form", "oci: the layer's tar archive is damaged or cut off; build and push the image again");
    }
    const type = String.fromCharCode(block[156] ?? 0);
    const isFile = type === REGULAR || type === "\0";
    if (isFile && textAt(block, 0, 100).split("/").at(-1) === basename) return archive.subarray(start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return null;
}

/** Spec: POSIX.1-1988 ustar. */
function header(name: string, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, text: string): void => block.set(new TextEncoder().encode(text), offset);
  const octal = (number: number, digits: number): string => `${number.toString(8).padStart(digits, "0")}\0`;
  put(0, name);
  put(100, octal(0o644, 7));
  put(108, octal(0, 7)); // owner
  put(116, octal(0, 7)); // group
  put(124, octal(size, 11));
  put(136, octal(0, 11)); // time
  put(156, REGULAR);
  put(257, "ustar\x0000");
  // The checksum is made with its own field full of spaces.
  put(148, " ".repeat(8));
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

function textAt(block: Uint8Array, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or, with the highest bit set, a big-endian number as GNU tar writes it. */
function numberAt(block: Uint8Array, offset: number, length: number): number {
  if (((block[offset] ?? 0) & 0x80) === 0) return Number.parseInt(textAt(block, offset, length).trim() || "0", 8);
  return block.subarray(offset + 1, offset + length).reduce((total, byte) => total * 256 + byte, 0);
}
