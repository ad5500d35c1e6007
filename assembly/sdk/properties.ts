/**
 * Properties: what the host knows about request, connection, node and filter state. Paths are segments joined by NUL.
 * Spec: v0.2.1 #properties
 */
import { Status } from "../abi/enums";
import { proxy_get_property, proxy_set_property } from "../abi/hostcalls";
import { OUT, OUT_SIZE } from "../abi/memory";
import { ABSENT, presentSlice, Slice, sliceLength, slicePointer } from "../std/slice";
import { sliceToString } from "../std/utf8";
import { textSlice } from "./text";

/** Properties by their path; `Attributes` has those that Envoy documents with their types. */
export class Properties {
  /**
   * The property's bytes as a view, or `ABSENT`: the host has none of that name in this phase, or its value is null. Valid until the
   * callback returns. Numbers are 8 bytes little-endian, booleans one byte.
   */
  static view(path: string[]): Slice {
    return Properties.viewOf(textSlice(path.join("\0")));
  }

  /** As `view`, for a path whose bytes are there already. */
  static viewOf(path: Slice): Slice {
    if (proxy_get_property(slicePointer(path), sliceLength(path), OUT, OUT_SIZE) != 0) return ABSENT;
    return presentSlice(load<usize>(OUT), load<u32>(OUT_SIZE));
  }

  /** The property as text, or null when it is absent. What is no UTF-8 reads as U+FFFD. */
  static get(path: string[]): string | null {
    return Properties.getOf(path.join("\0"));
  }

  /** As `get`, for a path whose segments are joined already. */
  static getOf(path: string): string | null {
    const value = Properties.viewOf(textSlice(path));
    return value == ABSENT ? null : sliceToString(value);
  }

  /** The property as a number, or `fallback` when it is absent or has not the 8 bytes of one. */
  static integer(path: string[], fallback: i64): i64 {
    return Properties.integerOf(textSlice(path.join("\0")), fallback);
  }

  /** As `integer`, for a path whose bytes are there already. */
  static integerOf(path: Slice, fallback: i64): i64 {
    const value = Properties.viewOf(path);
    return sliceLength(value) == 8 ? load<i64>(slicePointer(value)) : fallback;
  }

  /** The property as a boolean, or `fallback` when it is absent or not one byte. */
  static boolean(path: string[], fallback: bool): bool {
    const value = Properties.view(path);
    return sliceLength(value) == 1 ? load<u8>(slicePointer(value)) != 0 : fallback;
  }

  /**
   * Sets filter state `wasm.<name>` of the stream. Dots in the name are part of it. `Status.NotFound` outside of a stream.
   * Access logs and span tags read it as `%FILTER_STATE(wasm.<name>:PLAIN)%`.
   */
  static set(name: string, value: string): Status {
    return Properties.setOf(textSlice(name), textSlice(value));
  }

  /** As `set`, for bytes. */
  static setOf(name: Slice, value: Slice): Status {
    return proxy_set_property(slicePointer(name), sliceLength(name), slicePointer(value), sliceLength(value));
  }
}
