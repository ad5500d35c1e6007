import { lowerCase, Slice, sliceOfBytes } from "../std/slice";
import { utf8Bytes } from "../std/utf8";
import { slotOf } from "./header-index";

/** A header name, encoded once: for names that come from a configuration or are asked for at every request. */
export class HeaderName {
  /** Lower case, as hosts keep names. */
  readonly bytes: StaticArray<u8>;
  /** The name as bytes, for the methods of `HeaderMap` that take views. */
  readonly view: Slice;
  /**
   * Where the index of a map keeps this name.
   * @internal
   */
  readonly slot: usize;

  constructor(name: string) {
    const bytes = utf8Bytes(name);
    const view = sliceOfBytes(bytes);
    lowerCase(view);
    this.bytes = bytes;
    this.view = view;
    this.slot = slotOf(view);
  }
}
