import { lowerCase, Slice, sliceOfBytes } from "../std/slice";
import { utf8Bytes } from "../std/utf8";
import { slotOf } from "./header-index";

/** A header name, encoded once: for names that come from a configuration or are asked for at every request. */
export class HeaderName {
  /** Lower case, as hosts keep names. */
  readonly bytes: StaticArray<u8>;
  /** Where the index of a map keeps this name. */
  readonly slot: u32;

  constructor(name: string) {
    this.bytes = utf8Bytes(name);
    lowerCase(sliceOfBytes(this.bytes));
    this.slot = slotOf(sliceOfBytes(this.bytes));
  }

  /** The name as bytes, for the methods of `HeaderMap` that take views. */
  get view(): Slice {
    return sliceOfBytes(this.bytes);
  }
}
