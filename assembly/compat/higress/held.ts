/** Objects that a stream keeps as numbers only: the garbage collector sees no number, so they are held here until the stream ends. */
import { addExtra, ExtraKind } from "../extras";

/** The number of an object, which lives as long as the current stream. The build puts it in the place of `changetype<usize>`. */
export function hold<T>(object: T): usize {
  if (isManaged<T>()) addExtra(ExtraKind.Held, "", changetype<string>(object));
  return changetype<usize>(object);
}
