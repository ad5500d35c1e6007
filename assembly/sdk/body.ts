/** The body of a request or response, as far as the host holds it in this callback. */
import { BufferType, Status } from "../abi/enums";
import { proxy_get_buffer_bytes, proxy_set_buffer_bytes } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { ABSENT, presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { sliceToString } from "../std/utf8";
import { textSlice } from "./text";

/** More than any buffer holds: up to the end of it. */
const ALL: u32 = 0x7fffffff;

export class Body {
  private readonly bufferType: u32;

  constructor(type: BufferType) {
    this.bufferType = type;
  }

  /**
   * Bytes `start` to `start + length` as a view that is valid until the callback returns. Shorter when the buffer is; `ABSENT` when this
   * callback has no such body. Spec: v0.2.1 #proxy_get_buffer_bytes
   */
  view(start: u32 = 0, length: u32 = ALL): Slice {
    if (proxy_get_buffer_bytes(this.bufferType, start, length, OUT, OUT_SIZE) != 0) return ABSENT;
    return presentSlice(load<usize>(OUT), load<u32>(OUT_SIZE));
  }

  /** The same as text (U+FFFD for what is no UTF-8), or null. */
  getText(start: u32 = 0, length: u32 = ALL): string | null {
    const bytes = this.view(start, length);
    return bytes == ABSENT ? null : sliceToString(bytes);
  }

  /** The same as a copy of the bytes, or null. */
  getBytes(start: u32 = 0, length: u32 = ALL): Uint8Array | null {
    const bytes = this.view(start, length);
    if (bytes == ABSENT) return null;
    const copy = new Uint8Array(sliceLength(bytes));
    memory.copy(copy.dataStart, slicePointer(bytes), sliceLength(bytes));
    return copy;
  }

  /** Replaces all that the host holds. Remove `content-length` in the headers callback first, or make it right. */
  replace(text: string): Status {
    return this.write(0, ALL, textSlice(text));
  }

  /** As `replace`, for bytes. */
  replaceBytes(bytes: Uint8Array): Status {
    return this.write(0, ALL, presentSlice(bytes.dataStart, bytes.byteLength));
  }

  /** Puts text before all that the host holds. */
  prepend(text: string): Status {
    return this.write(0, 0, textSlice(text));
  }

  /** Puts text after all that the host holds. */
  append(text: string): Status {
    return this.write(ALL, 0, textSlice(text));
  }

  private write(start: u32, length: u32, value: Slice): Status {
    return proxy_set_buffer_bytes(this.bufferType, start, length, slicePointer(value), sliceLength(value));
  }
}
