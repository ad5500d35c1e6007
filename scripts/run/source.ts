import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { moduleOf } from "../build/index.ts";
import { findRunnable, type Module } from "./module.ts";

/** What `--watch` looks at. */
export interface Watched {
  readonly module: Module;
  /** What the module is built from; null when somebody else builds it. */
  readonly entry: string | null;
  /** Built without optimisation, which takes a fifth of the time. */
  readonly debug: boolean;
}

/** Where the sources of a filter may be, by its name. */
const PLACES = [["assembly"], ["assembly", "filters", "NAME"], ["examples", "NAME", "assembly"]];

/**
 * For `run --watch` and `dev`: a .ts file or a folder with an index.ts is built; so is the filter of a name where its sources are found, in one of
 * `folders`. A .wasm file, and a name without sources, is the module as it is. A debug build goes to `build/debug/`, so that it never takes
 * the place of the one that is shipped.
 */
export function findWatched(asked: string, folders: readonly string[], debug: boolean, command = "run"): Watched {
  if (isSource(asked)) return built(asked, debug);
  for (const folder of folders) {
    for (const place of PLACES) {
      const entry = join(folder, ...place.map(part => (part === "NAME" ? asked : part)), "index.ts");
      const found = existsSync(entry) ? built(entry, debug) : null;
      if (found?.module.name === asked) return found;
    }
  }
  return { module: findRunnable(asked, folders, command), entry: null, debug: false };
}

function built(entry: string, debug: boolean): Watched {
  const shipped = moduleOf(entry);
  const file = debug ? join(dirname(shipped), "debug", basename(shipped)) : shipped;
  return { module: { file, name: basename(shipped, ".wasm") }, entry: resolve(entry), debug };
}

const isSource = (path: string): boolean => existsSync(path) && (path.endsWith(".ts") || statSync(path).isDirectory());
