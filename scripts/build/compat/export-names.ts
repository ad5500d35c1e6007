import { posix } from "node:path";

/** Reads a file of the SDK by its path in the package, without `.ts`; null when there is none. */
export type ReadModule = (path: string) => Promise<string | null>;

const EXPORTED = /^export (?:abstract |declare )?(?:class|function|enum|let|const|type) (\w+)/gm;
const LISTS = /^export \{([^}]*)\}/gm;
const STARS = /^export \* from "([^"]+)"/gm;

/**
 * The names that a file of compat exports, its stars followed. `import * as sdk` sees what a file exports by name, and not what a file behind
 * its star has from others.
 */
export async function exportNamesOf(path: string, read: ReadModule): Promise<Set<string>> {
  const text = (await read(path)) ?? "";
  const names = new Set(Array.from(text.matchAll(EXPORTED), ([, name = ""]) => name));
  for (const [, list = ""] of text.matchAll(LISTS)) for (const name of namesIn(list)) names.add(name);
  for (const [, from = ""] of text.matchAll(STARS)) {
    for (const name of await exportNamesOf(posix.join(posix.dirname(path), from), read)) names.add(name);
  }
  return names;
}

/** Of `a, b as c` these are `a` and `c`. */
function namesIn(list: string): string[] {
  return list
    .replace(/\/\*.*?\*\//gs, "")
    .split(",")
    .map(each => /(\w+)\s*$/.exec(each)?.[1] ?? "")
    .filter(name => name !== "");
}
