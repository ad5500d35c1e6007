/** Where a hostcall that a filter declares itself leaves bytes. */
class ArrayBufferReference {
  private buffer: usize = 0;
  private size: usize = 0;

  bufferPtr(): usize {
    return changetype<usize>(this) + offsetof<ArrayBufferReference>("buffer");
  }

  sizePtr(): usize {
    return changetype<usize>(this) + offsetof<ArrayBufferReference>("size");
  }

  /** A copy of what the last hostcall left. */
  toArrayBuffer(): ArrayBuffer {
    const bytes = new ArrayBuffer(<i32>this.size);
    memory.copy(changetype<usize>(bytes), this.buffer, this.size);
    return bytes;
  }
}

export const globalArrayBufferReference: ArrayBufferReference = new ArrayBufferReference();
