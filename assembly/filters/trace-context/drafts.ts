import { Slice, sliceLength, sliceOfBytes, slicePart, slicePointer } from "../../std/slice";

/** Room for what a span usually has; a larger one gets an array of its own size. */
const USUAL: u32 = 512;
/** So many are kept for the next streams; what was beyond them, in a spike, is garbage. */
const SPARE: i32 = 256;
const FIRST_BUCKETS: i32 = 64;

/** What is known of a span while its stream is under way. */
export class Draft {
  stream: u32 = 0;
  startNs: u64 = 0;
  kind: u32 = 0;
  sampled: bool = false;
  next: Draft | null = null;
  private bytes: StaticArray<u8> = [];
  private size: u32 = 0;

  /** Keeps a copy of a span that has begun. */
  keep(span: Slice): void {
    const size = sliceLength(span);
    if (size > <u32>this.bytes.length) this.bytes = new StaticArray<u8>(max(size, USUAL));
    memory.copy(changetype<usize>(this.bytes), slicePointer(span), size);
    this.size = size;
  }

  /** What was kept. */
  get span(): Slice {
    return slicePart(sliceOfBytes(this.bytes), 0, this.size);
  }
}

/**
 * The drafts of all streams, by the stream's number. The streams themselves have no state, so the host need not tell the module of their
 * beginning and end; what ends a draft is `onDone`, which comes for every stream. Objects are used again: a request allocates none.
 */
export class Drafts {
  private buckets: StaticArray<Draft | null> = new StaticArray<Draft | null>(FIRST_BUCKETS);
  private count: i32 = 0;
  private spare: Draft | null = null;
  private spares: i32 = 0;

  /** A draft for `stream`. */
  begin(stream: u32): Draft {
    if (this.count == this.buckets.length * 2) this.grow();
    let draft = this.spare;
    if (draft == null) draft = new Draft();
    else {
      this.spare = draft.next;
      this.spares--;
    }
    draft.stream = stream;
    this.put(draft);
    this.count++;
    return draft;
  }

  /** Takes the draft of `stream` out; null when it has none. What it holds is there until the next one begins. */
  end(stream: u32): Draft | null {
    if (this.count == 0) return null;
    const bucket = stream & (this.buckets.length - 1);
    let before: Draft | null = null;
    let draft = unchecked(this.buckets[bucket]);
    while (draft != null) {
      if (draft.stream == stream) {
        if (before == null) unchecked((this.buckets[bucket] = draft.next));
        else before.next = draft.next;
        this.count--;
        this.reuse(draft);
        return draft;
      }
      before = draft;
      draft = draft.next;
    }
    return null;
  }

  private reuse(draft: Draft): void {
    if (this.spares == SPARE) return;
    draft.next = this.spare;
    this.spare = draft;
    this.spares++;
  }

  private put(draft: Draft): void {
    const bucket = draft.stream & (this.buckets.length - 1);
    draft.next = unchecked(this.buckets[bucket]);
    unchecked((this.buckets[bucket] = draft));
  }

  private grow(): void {
    const old = this.buckets;
    this.buckets = new StaticArray<Draft | null>(old.length * 2);
    for (let i = 0; i < old.length; i++) {
      let draft = old[i];
      while (draft != null) {
        const next = draft.next;
        this.put(draft);
        draft = next;
      }
    }
  }
}
