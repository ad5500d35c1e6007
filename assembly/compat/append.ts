/**
 * Appends to a text in a loop. A text is a new object each time: a body that is changed character by character would leave as many texts as
 * it has characters, half as long as itself. The build has such loops append with this
 * where it sees that nobody else can have the text; see scripts/build/compat/appends.ts.
 */
import { OBJECT_HEADER, objectRoom, setObjectSize } from "../abi/object-header";

/** `text + more`, in the memory of `text` when `own` is its address: then the loop has made it, and only the loop's variable has it. */
export function append(text: string, more: string, own: usize): string {
  const size = (<usize>text.length) << 1;
  const added = (<usize>more.length) << 1;
  const to = room(text, size, size + added, own);
  memory.copy(to + size, changetype<usize>(more), added);
  return changetype<string>(to);
}

/** `text + String.fromCharCode(unit)`, without a text for the character. */
export function appendUnit(text: string, unit: i32, own: usize): string {
  const size = (<usize>text.length) << 1;
  const to = room(text, size, size + 2, own);
  store<u16>(to + size, unit);
  return changetype<string>(to);
}

/** `text + source.charAt(index)`. A source that is no text is a class of the filter's own that has such a method. */
export function appendAt<T>(text: string, source: T, index: i32, own: usize): string {
  if (isString<T>()) {
    const from = changetype<string>(source);
    if (<u32>index < <u32>from.length) return appendUnit(text, load<u16>(changetype<usize>(from) + ((<usize>index) << 1)), own);
    // Also when there is nothing to append, what is returned is the loop's own.
    return append(text, "", own);
  }
  // @ts-ignore: the filter's compiler sees to it that it has one
  return append(text, source.charAt(index), own);
}

/** Where a text has room until `end`, of which `size` is there. */
function room(text: string, size: usize, end: usize, own: usize): usize {
  let to = changetype<usize>(text);
  if (to != own) {
    to = __new(end + (end >> 1) + OBJECT_HEADER, idof<string>());
    memory.copy(to, changetype<usize>(text), size);
  } else if (end > objectRoom(to)) {
    // @ts-ignore: of the runtime
    to = __renew(to, end << 1);
  }
  setObjectSize(to, end);
  return to;
}
