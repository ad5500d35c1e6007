/** Between the host's bytes and the ArrayBuffers and strings of the API. */
import { OUT, OUT_SIZE } from "../abi/memory";
import { callbackCount } from "../sdk/lifecycle";
import { log } from "../sdk/log";
import { textSlice } from "../sdk/text";
import { sliceLength, slicePointer } from "../std/slice";
import { decodeUtf8 } from "../std/utf8";

export { sliceLength, slicePointer, textSlice };

/** Where the third result of a hostcall goes: a version or a queue. */
export const OUT_MORE: usize = memory.data(4, 4);

/** A copy of what the last hostcall left. */
export function takeBytes(): ArrayBuffer {
  const size = load<u32>(OUT_SIZE);
  const bytes = changetype<ArrayBuffer>(__new(size, idof<ArrayBuffer>()));
  memory.copy(changetype<usize>(bytes), load<usize>(OUT), size);
  return bytes;
}

/** What the last hostcall left, as text: U+FFFD for what is no UTF-8, so that no two values read as one. */
export function takeText(): string {
  const size = load<u32>(OUT_SIZE);
  return size == 0 ? "" : decodeUtf8(load<usize>(OUT), size);
}

/** The same for bytes that a filter holds. */
export function textOf(bytes: ArrayBuffer): string {
  return decodeUtf8(changetype<usize>(bytes), bytes.byteLength);
}

export function noBytes(): ArrayBuffer {
  return new ArrayBuffer(0);
}

/**
 * Whether the host answers yet. At the top level of a module it traps on nearly every call, and the filter with it: `what` then says so in the
 * log and does nothing.
 */
export function hostAnswers(what: string): bool {
  if (callbackCount != 0) return true;
  log.error(what + " at the top level of the module: the host answers only in callbacks; call it in onConfigure");
  return false;
}

/** Tells that the host refused a call of which the API has no result. */
export function complain(what: string, status: u32): void {
  log.error(what + ": the host answered " + status.toString());
}
