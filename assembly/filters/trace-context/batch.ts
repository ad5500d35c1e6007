import { ABSENT, presentSlice, Slice, sliceLength, sliceOfBytes, slicePointer } from "../../std/slice";

const LENGTH_DELIMITED: u8 = 2;
/** `ScopeSpans.spans` in OTLP. */
const SPANS: u8 = (2 << 3) | LENGTH_DELIMITED;
/** `ResourceSpans.scope_spans` and `ExportTraceServiceRequest.resource_spans`. */
const SCOPE_SPANS: u8 = (2 << 3) | LENGTH_DELIMITED;
const RESOURCE_SPANS: u8 = (1 << 3) | LENGTH_DELIMITED;
/** Two tags and two lengths of up to five bytes. */
const FRAME: i32 = 12;

/**
 * Spans on their way, as the request that carries them. Room for what comes before the spans is left free at the start, so that nothing
 * has to be moved when the lengths are known:
 *
 *   [ free | resource_spans | resource | scope_spans | scope | span | span | …  | free ]
 *            request                                           used
 */
export class Batch {
  private bytes: StaticArray<u8> = [];
  private used: i32 = 0;
  /** How many spans there are. */
  count: i32 = 0;
  /** How often it was sent in vain. */
  attempts: i32 = 0;

  constructor(
    /** The encoded field `resource` of ResourceSpans. */
    private readonly resource: StaticArray<u8>,
    /** The encoded field `scope` of ScopeSpans. */
    private readonly scope: StaticArray<u8>,
  ) {
    this.used = resource.length + scope.length + FRAME;
    this.bytes = new StaticArray<u8>(this.used + 4096);
  }

  /** Adds an encoded span, of two parts. */
  add(head: Slice, tail: Slice): void {
    const length = sliceLength(head) + sliceLength(tail);
    const needed = this.used + <i32>length + 6;
    if (needed > this.bytes.length) this.grow(needed);
    let at = changetype<usize>(this.bytes) + this.used;
    store<u8>(at, SPANS);
    at = writeLength(at + 1, length);
    memory.copy(at, slicePointer(head), sliceLength(head));
    memory.copy(at + sliceLength(head), slicePointer(tail), sliceLength(tail));
    this.used = <i32>(at + length - changetype<usize>(this.bytes));
    this.count++;
  }

  private grow(needed: i32): void {
    const larger = new StaticArray<u8>(max(needed, this.bytes.length * 2));
    memory.copy(changetype<usize>(larger), changetype<usize>(this.bytes), this.used);
    this.bytes = larger;
  }

  /** The whole request; valid as long as nothing is added. `ABSENT` without spans. */
  request(): Slice {
    if (this.count == 0) return ABSENT;
    const start = changetype<usize>(this.bytes);
    const spans = start + this.resource.length + this.scope.length + FRAME;
    const scopeSpans = <u32>this.scope.length + <u32>(start + this.used - spans);
    const resourceSpans = <u32>this.resource.length + 1 + lengthSize(scopeSpans) + scopeSpans;
    let at = spans - this.scope.length - lengthSize(scopeSpans) - 1 - this.resource.length - lengthSize(resourceSpans) - 1;
    const first = at;
    store<u8>(at, RESOURCE_SPANS);
    at = writeLength(at + 1, resourceSpans);
    at = write(at, this.resource);
    store<u8>(at, SCOPE_SPANS);
    at = writeLength(at + 1, scopeSpans);
    write(at, this.scope);
    return presentSlice(first, <u32>(start + this.used - first));
  }
}

/** A length as a varint; answers where the next byte goes. */
export function writeLength(at: usize, length: u32): usize {
  while (length > 0x7f) {
    store<u8>(at++, <u8>(length | 0x80));
    length >>= 7;
  }
  store<u8>(at, <u8>length);
  return at + 1;
}

/** How many bytes `writeLength` writes. */
export function lengthSize(length: u32): u32 {
  let size: u32 = 1;
  for (; length > 0x7f; length >>= 7) size++;
  return size;
}

function write(at: usize, bytes: StaticArray<u8>): usize {
  const slice = sliceOfBytes(bytes);
  memory.copy(at, slicePointer(slice), sliceLength(slice));
  return at + sliceLength(slice);
}
