/** Headers as Node's HTTP/2 has them, and as lists of pairs. */

/** Names in lower case, which HTTP/2 requires; repeated ones as a list. */
export function grouped(pairs: readonly (readonly [name: string, value: string])[]): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {};
  for (const [given, value] of pairs) {
    const name = given.toLowerCase();
    const known = all[name];
    all[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return all;
}

/** The pairs in the order in which Node writes them: the values of a name together. */
export function asWritten(pairs: readonly (readonly [name: string, value: string])[]): [string, string][] {
  return Object.entries(grouped(pairs)).flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value]));
}

/** What Node lists as name, value, name, value. */
export function inPairs(flat: readonly string[] = []): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string]);
  return pairs;
}
