import { allocate } from "../abi/memory";
import { ABSENT, presentSlice, Slice } from "../std/slice";
import { encodeUtf8, utf8Length } from "../std/utf8";

/** Headers to send: a list that keeps order and repetition. A line break in a value goes out as a space. */
export class HeaderList {
  private readonly names: string[] = [];
  private readonly values: string[] = [];

  /** Adds a header; returns the list itself. */
  add(name: string, value: string): HeaderList {
    this.names.push(name);
    this.values.push(value);
    return this;
  }

  /** Adds all of another list; returns the list itself. */
  concat(other: HeaderList): HeaderList {
    for (let i = 0; i < other.names.length; i++) this.add(other.names[i], other.values[i]);
    return this;
  }

  /** Whether the list has a header of this name, in lower case as hosts keep names. */
  has(name: string): bool {
    for (let i = 0; i < this.names.length; i++) if (this.names[i].toLowerCase() == name) return true;
    return false;
  }

  /** How many headers the list has. */
  get size(): i32 {
    return this.names.length;
  }

  /** The list as the host takes it (see `HeaderMap`); `ABSENT` when there is no memory for it. */
  toPairs(): Slice {
    const count = this.names.length;
    let size: u32 = 4 + ((<u32>count) << 3);
    for (let i = 0; i < count; i++) size += utf8Length(this.names[i]) + utf8Length(this.values[i]) + 2;
    const start = allocate(size);
    if (start == 0) return ABSENT;
    store<u32>(start, count);
    let sizes = start + 4;
    let at = sizes + ((<usize>count) << 3);
    for (let i = 0; i < count; i++) {
      const name = encodeUtf8(this.names[i], at);
      withoutBreaks(at, name);
      store<u8>(at + name, 0);
      at += name + 1;
      const value = encodeUtf8(this.values[i], at);
      withoutBreaks(at, value);
      store<u8>(at + value, 0);
      at += value + 1;
      store<u32>(sizes, name);
      store<u32>(sizes, value, 4);
      sizes += 8;
    }
    return presentSlice(start, size);
  }
}

/** NUL, CR and LF become spaces (RFC 9110 section 5.5): the host does not look, and a newline would be a header of its own. */
function withoutBreaks(at: usize, length: u32): void {
  for (const end = at + length; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == 0 || byte == 10 || byte == 13) store<u8>(at, 32);
  }
}
