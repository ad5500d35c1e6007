/**
 * Bytes for the specs, written as text: one byte for each character from U+0000 to U+00FF, so "\xc3\xa9" is the two bytes of "é".
 */
import { Slice, sliceLength, sliceOf, slicePointer } from "../slice";

/**
 * A view on the bytes of `text`. `behind` stands next to them in memory: something that would make a difference to whoever reads too far.
 * Not managed memory, so that nothing has to be kept alive; it is never given back.
 */
export function bytes(text: string, behind: string = ""): Slice {
  const at = heap.alloc(text.length + behind.length + 1);
  put(at, text);
  put(at + text.length, behind);
  return sliceOf(at, text.length);
}

/** Writes the bytes of `text`. */
export function put(at: usize, text: string): void {
  for (let i = 0; i < text.length; i++) store<u8>(at + i, <u8>text.charCodeAt(i));
}

/** The way back: the bytes at `at` as text. */
export function textAt(at: usize, length: u32): string {
  let text = "";
  for (let i: usize = 0; i < <usize>length; i++) text += String.fromCharCode(load<u8>(at + i));
  return text;
}

/** The bytes of a slice as text. */
export function textOf(slice: Slice): string {
  return textAt(slicePointer(slice), sliceLength(slice));
}

/** The bytes of an array as text. */
export function textOfBytes(array: StaticArray<u8>): string {
  return textAt(changetype<usize>(array), array.length);
}

/** One byte as text. */
export function byteText(byte: u32): string {
  return String.fromCharCode(byte);
}

/** `text` with the character at `at` replaced. */
export function replaced(text: string, at: i32, by: string): string {
  return text.substring(0, at) + by + text.substring(at + 1);
}

/** The characters from `first` to `last`, both of them included. */
export function range(first: u32, last: u32): string {
  let text = "";
  for (let byte = first; byte <= last; byte++) text += byteText(byte);
  return text;
}
