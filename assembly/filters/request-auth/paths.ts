import { Slice, sliceEquals, sliceLength, sliceOfBytes, slicePart, slicePointer } from "../../std/slice";
import { utf8Bytes } from "../../std/utf8";

/** A path that needs no credentials: exactly, or everything below it. */
export class PathRule {
  private constructor(
    private readonly path: StaticArray<u8>,
    private readonly below: bool,
  ) {}

  /** `/healthz`, or `/static/*`. Null for what is no plain path. */
  static parse(text: string): PathRule | null {
    const below = text.endsWith("/*");
    const path = utf8Bytes(below ? text.substring(0, text.length - 1) : text);
    return isPlain(sliceOfBytes(path)) ? new PathRule(path, below) : null;
  }

  /** Whether a path, without its query, is this one. */
  matches(path: Slice): bool {
    const own = sliceOfBytes(this.path);
    if (!this.below) return sliceEquals(path, own);
    return sliceLength(path) >= sliceLength(own) && sliceEquals(slicePart(path, 0, sliceLength(own)), own);
  }
}

/**
 * Whether everybody behind this filter reads the path as it stands: it begins with one slash, and has no empty or dotted segments, nothing
 * escaped, no parameters and no backslash. Other paths are never public, whatever they may become on their way.
 */
export function isPlain(path: Slice): bool {
  const start = slicePointer(path);
  const length = sliceLength(path);
  if (length == 0 || load<u8>(start) != 47) return false;
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(start + i);
    if (byte <= 32 || byte >= 127 || byte == 37 || byte == 59 || byte == 92 || byte == 42) return false;
    if (byte != 47) continue;
    const next: u8 = i + 1 < length ? load<u8>(start + i + 1) : 0;
    if (next == 47 || next == 46) return false;
  }
  return true;
}
