/** Objects that a stream keeps as numbers only: the garbage collector sees no number, so they are held here until the stream ends. */
import { BaseContext } from "../base-context";
import { holdsObjects } from "../facts";
import { currentContext } from "../kept";

/** Of any class: the collector asks each object what it is. */
const streams: Map<u32, BaseContext[]> = holdsObjects ? new Map() : changetype<Map<u32, BaseContext[]>>(0);

/** The number of an object, which lives as long as the current stream. The build puts it in the place of `changetype<usize>`. */
export function hold<T>(object: T): usize {
  if (isManaged<T>()) {
    const id = currentContext();
    if (!streams.has(id)) streams.set(id, []);
    streams.get(id).push(changetype<BaseContext>(object));
  }
  return changetype<usize>(object);
}

/** The stream has ended. */
export function dropHeld(id: u32): void {
  if (holdsObjects) streams.delete(id);
}
