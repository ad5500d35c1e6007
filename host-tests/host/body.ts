import { Status } from "./status.ts";

/** Bytes under way in a stream, as Envoy's buffers: filters take, append and prepend. */
export class MutableBody {
  data: Buffer;

  constructor(data: Buffer = Buffer.alloc(0)) {
    this.data = data;
  }

  get length(): number {
    return this.data.length;
  }

  append(data: Buffer): void {
    this.data = this.data.length === 0 ? data : Buffer.concat([this.data, data]);
  }

  /** Takes everything out. */
  drain(): Buffer {
    const { data } = this;
    this.data = Buffer.alloc(0);
    return data;
  }

  /**
   * What `proxy_set_buffer_bytes` does in Envoy: from 0 it replaces the first `length` bytes (all: replace, none: prepend), from the
   * end on it appends, and in between it refuses.
   */
  write(start: number, length: number, data: Buffer): number {
    if (start === 0) this.data = Buffer.concat([data, this.data.subarray(Math.min(length, this.data.length))]);
    else if (start >= this.data.length) this.data = Buffer.concat([this.data, data]);
    else return Status.BadArgument;
    return Status.Ok;
  }
}
