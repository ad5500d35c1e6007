import type { ByteString } from "./bytes.ts";
import type { WasmMemory } from "./engine.ts";

/** A module's memory as the host sees it. Every access looks at the buffer anew: growing detaches the old one. */
export class Memory {
  readonly #memory: WasmMemory;
  #bytes: Buffer;

  constructor(memory: WasmMemory) {
    this.#memory = memory;
    this.#bytes = Buffer.from(memory.buffer);
  }

  get bytes(): Buffer {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = Buffer.from(this.#memory.buffer);
    return this.#bytes;
  }

  /** Pages of 64 KiB. */
  get pages(): number {
    return this.#memory.buffer.byteLength / 65536;
  }

  /** A copy, or null when it is out of bounds. */
  read(pointer: number, size: number): Buffer | null {
    const bytes = this.bytes;
    if (pointer + size > bytes.length) return null;
    return Buffer.from(bytes.subarray(pointer, pointer + size));
  }

  /** As `read`, as a byte string. */
  text(pointer: number, size: number): ByteString | null {
    const bytes = this.bytes;
    return pointer + size > bytes.length ? null : bytes.toString("latin1", pointer, pointer + size);
  }

  word(pointer: number): number | null {
    const bytes = this.bytes;
    return pointer + 4 > bytes.length ? null : bytes.readUInt32LE(pointer);
  }

  write(pointer: number, data: Buffer): boolean {
    const bytes = this.bytes;
    if (pointer + data.length > bytes.length) return false;
    data.copy(bytes, pointer);
    return true;
  }

  setWord(pointer: number, value: number): boolean {
    const bytes = this.bytes;
    if (pointer + 4 > bytes.length) return false;
    bytes.writeUInt32LE(value >>> 0, pointer);
    return true;
  }

  setLong(pointer: number, value: bigint): boolean {
    const bytes = this.bytes;
    if (pointer + 8 > bytes.length) return false;
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value), pointer);
    return true;
  }
}
