/**
 * Protocol Buffers as far as calls to the host need them: fields of a message written one after the other, and read without a schema.
 * https://protobuf.dev/programming-guides/encoding/
 */
import { copyOf, withRoom } from "./growing-bytes";
import { ABSENT, Slice, sliceLength, sliceOf, slicePointer } from "./slice";
import { utf8Bytes } from "./utf8";

/** How a field is written. */
export enum WireType {
  Varint = 0,
  Fixed64 = 1,
  Length = 2,
  Fixed32 = 5,
}

/** Writes a message. Fields with their default value are left out, as proto3 does. */
export class ProtoWriter {
  private bytes: StaticArray<u8> = new StaticArray<u8>(64);
  private size: i32 = 0;

  /** Makes room for `more` bytes and answers where they go. */
  private grow(more: i32): usize {
    const needed = this.size + more;
    this.bytes = withRoom(this.bytes, this.size, needed);
    const at = changetype<usize>(this.bytes) + this.size;
    this.size = needed;
    return at;
  }

  private rawVarint(value: u64): void {
    while (value > 0x7f) {
      store<u8>(this.grow(1), <u8>(value | 0x80));
      value >>= 7;
    }
    store<u8>(this.grow(1), <u8>value);
  }

  /** Appends a whole number or a boolean; returns the writer itself, as the others do. */
  varint(field: u32, value: u64): ProtoWriter {
    if (value == 0) return this;
    this.rawVarint((<u64>field) << 3);
    this.rawVarint(value);
    return this;
  }

  /** Appends a `fixed64`. */
  fixed64(field: u32, value: u64): ProtoWriter {
    if (value == 0) return this;
    this.rawVarint(((<u64>field) << 3) | WireType.Fixed64);
    store<u64>(this.grow(8), value);
    return this;
  }

  /** Appends a `string`. */
  text(field: u32, value: string): ProtoWriter {
    if (value.length > 0) {
      const bytes = utf8Bytes(value);
      this.raw(field, changetype<usize>(bytes), bytes.length);
    }
    return this;
  }

  /** Appends `bytes`. */
  data(field: u32, value: Uint8Array): ProtoWriter {
    if (value.length > 0) this.raw(field, value.dataStart, value.byteLength);
    return this;
  }

  /** A message within; present even when it is empty. */
  message(field: u32, value: ProtoWriter): ProtoWriter {
    this.raw(field, changetype<usize>(value.bytes), value.size);
    return this;
  }

  private raw(field: u32, at: usize, length: i32): void {
    this.rawVarint(((<u64>field) << 3) | WireType.Length);
    this.rawVarint(length);
    memory.copy(this.grow(length), at, length);
  }

  /** The message so far, as a view that is valid until more is written. */
  get view(): Slice {
    return sliceOf(changetype<usize>(this.bytes), this.size);
  }

  /** The message so far as a copy, for calls. */
  toBytes(): Uint8Array {
    return copyOf(this.bytes, this.size);
  }
}

/** Reads a message field by field: `while (reader.next()) if (reader.field == 1) …`. Ends early at bytes that are no message. */
export class ProtoReader {
  private at: usize;
  private readonly end: usize;
  /** The number of the field that `next` found. */
  field: u32 = 0;
  /** How it is written. */
  wireType: u32 = 0;
  /** The value of a number. */
  number: u64 = 0;
  /** The value of text, bytes or a message within; `ABSENT` for a number. */
  value: Slice = ABSENT;
  /** Whether the bytes stopped being a message. */
  malformed: bool = false;

  constructor(message: Slice) {
    this.at = slicePointer(message);
    this.end = this.at + sliceLength(message);
  }

  /** Goes to the next field; false at the end, and at bytes that are no message. */
  next(): bool {
    if (this.at >= this.end || this.malformed) return false;
    const tag = this.readVarint();
    this.field = <u32>(tag >> 3);
    this.wireType = <u32>tag & 7;
    this.value = ABSENT;
    if (this.wireType == WireType.Varint) this.number = this.readVarint();
    else if (this.wireType == WireType.Fixed64) this.number = this.readFixed(8);
    else if (this.wireType == WireType.Fixed32) this.number = this.readFixed(4);
    else if (this.wireType == WireType.Length) {
      const length = this.readVarint();
      if (length > <u64>(this.end - this.at)) this.malformed = true;
      else {
        this.value = sliceOf(this.at, <u32>length);
        this.at += <usize>length;
      }
    } else this.malformed = true;
    // A tag has 32 bits: more would come out as another field.
    if (this.field == 0 || tag > 0xffffffff) this.malformed = true;
    return !this.malformed;
  }

  private readVarint(): u64 {
    let value: u64 = 0;
    for (let shift: u64 = 0; shift < 64; shift += 7) {
      if (this.at >= this.end) break;
      const byte = <u64>load<u8>(this.at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    this.malformed = true;
    return 0;
  }

  private readFixed(size: usize): u64 {
    if (this.end - this.at < size) {
      this.malformed = true;
      return 0;
    }
    const value = size == 8 ? load<u64>(this.at) : <u64>load<u32>(this.at);
    this.at += size;
    return value;
  }
}
