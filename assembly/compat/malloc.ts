/** `malloc` and `free` of the originals, for filters that make hostcalls of their own. */

/** What `malloc` has given and `free` has not taken back. */
const given: ArrayBuffer[] = [];

/** Memory that lasts until it is freed: an ArrayBuffer, as in the originals. */
export function malloc(size: i32): usize {
  const buffer = new ArrayBuffer(size);
  given.push(buffer);
  return changetype<usize>(buffer);
}

/** Takes back what `malloc` gave. What the host handed over needs none of this. */
export function free(ptr: usize): void {
  const at = given.indexOf(changetype<ArrayBuffer>(ptr));
  if (at >= 0) given.splice(at, 1);
}
