/**
 * A text that stands twice among `texts`, or null. Sorted as a heap, in a time that no choice of texts can spoil: comparing each with all
 * others takes minutes of 100,000.
 */
export function repeated(texts: string[]): string | null {
  const count: usize = texts.length;
  let size = count;
  // References in memory of their own: `texts` keeps what they refer to.
  const heap = new StaticArray<usize>(texts.length);
  const root = changetype<usize>(heap);
  memory.copy(root, texts.dataStart, count * sizeof<usize>());
  for (let at = count; at > 0; ) sink(root, --at, size);
  for (let last = ""; size > 0; ) {
    const most = changetype<string>(load<usize>(root));
    if (size < count && most == last) return most;
    last = most;
    store<usize>(root, load<usize>(root + --size * sizeof<usize>()));
    sink(root, 0, size);
  }
  return null;
}

/** Moves what is at `at` down until nothing below it in the heap is more. */
function sink(root: usize, at: usize, size: usize): void {
  for (let below: usize = 2 * at + 1; below < size; below = 2 * at + 1) {
    if (below + 1 < size && isMore(root, below + 1, below)) below++;
    if (isMore(root, at, below)) return;
    const lower = load<usize>(root + below * sizeof<usize>());
    store<usize>(root + below * sizeof<usize>(), load<usize>(root + at * sizeof<usize>()));
    store<usize>(root + at * sizeof<usize>(), lower);
    at = below;
  }
}

/** Any order does. */
function isMore(root: usize, one: usize, other: usize): bool {
  const a = changetype<string>(load<usize>(root + one * sizeof<usize>()));
  const b = changetype<string>(load<usize>(root + other * sizeof<usize>()));
  if (a.length != b.length) return a.length > b.length;
  return memory.compare(changetype<usize>(a), changetype<usize>(b), (<usize>a.length) << 1) > 0;
}
