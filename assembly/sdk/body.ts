/** The body of a request or response, as far as the host holds it in this callback. */
import { BufferType, Status } from "../abi/enums";
import { proxy_get_buffer_bytes, proxy_get_buffer_status, proxy_set_buffer_bytes } from "../abi/hostcalls";
import { allocate, OUT, OUT_SIZE } from "../abi/memory";
import { ABSENT, presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { sliceToString } from "../std/utf8";
import { textSlice } from "./text";

/** More than any buffer holds: up to the end of it. */
const ALL: u32 = 0x7fffffff;

/**
 * A body, a message or another run of bytes that the host holds. Each kind is valid in its own callbacks; in others it reads as absent and
 * writing answers `Status.NotFound` or `Status.BadArgument`.
 */
export class Body {
  private readonly bufferType: u32;

  /** @internal */
  constructor(type: BufferType) {
    this.bufferType = type;
  }

  /**
   * How many bytes the host holds, with what the filter wrote; 0 when this callback has no such body.
   * Spec: v0.2.1 #proxy_get_buffer_status
   */
  get size(): u32 {
    return proxy_get_buffer_status(this.bufferType, OUT, OUT_SIZE) == 0 ? load<u32>(OUT) : 0;
  }

  /**
   * Bytes `start` to `start + length` as a view that is valid until the callback returns. Shorter when the buffer is; `ABSENT` when this
   * callback has no such body; one of HTTP that has not come is empty for Envoy, as one without bytes. Spec: v0.2.1 #proxy_get_buffer_bytes
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

  /**
   * Replaces all that the host holds. The headers still tell the old length: see `HttpContext.willChangeRequestBody`.
   * Spec: v0.2.1 #proxy_set_buffer_bytes
   */
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

  /**
   * Replaces the `length` bytes from byte `start` on: with a `length` of 0 it inserts, with an empty text it removes. What lies beyond the end
   * counts as the end. Envoy refuses all but the edges of a body (`Status.BadArgument`), so the body is read and written as a whole here.
   * Also `Status.BadArgument` or `Status.NotFound` when this callback has no such body, `Status.InternalFailure` when there is no memory for it.
   */
  splice(start: u32, length: u32, text: string): Status {
    return this.spliceSlice(start, length, textSlice(text));
  }

  /** As `splice`, for bytes. */
  spliceBytes(start: u32, length: u32, bytes: Uint8Array): Status {
    return this.spliceSlice(start, length, presentSlice(bytes.dataStart, bytes.byteLength));
  }

  private spliceSlice(start: u32, length: u32, value: Slice): Status {
    const old = this.view();
    if (old == ABSENT) return Status.NotFound;
    const from = min(start, sliceLength(old));
    const to = from + min(length, sliceLength(old) - from);
    const size = <u64>sliceLength(old) - (to - from) + sliceLength(value);
    const at: usize = value == ABSENT || size > <u64>ALL ? 0 : allocate(<u32>size);
    if (at == 0) return Status.InternalFailure;
    memory.copy(at, slicePointer(old), from);
    memory.copy(at + from, slicePointer(value), sliceLength(value));
    memory.copy(at + from + sliceLength(value), slicePointer(old) + to, sliceLength(old) - to);
    return this.write(0, ALL, presentSlice(at, <u32>size));
  }

  private write(start: u32, length: u32, value: Slice): Status {
    return proxy_set_buffer_bytes(this.bufferType, start, length, slicePointer(value), sliceLength(value));
  }
}
