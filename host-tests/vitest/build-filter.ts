import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildResult, buildModule, moduleOf } from "../../scripts/build/index.ts";

export interface BuildFilterOptions {
  /**
   * "debug" is fast to build and has a line for every trap; "release" is what `meshwright build` makes and ships.
   * MESHWRIGHT_BUILD when absent, else "debug".
   */
  mode?: "debug" | "release";
}

/**
 * Builds a filter for a test and resolves to the module's path. Nothing is built when nothing has changed.
 *
 * ```ts
 * const wasm = await buildFilter("assembly/index.ts");
 * ```
 * `entry` is a path from the working folder, or a URL: `new URL("assembly/index.ts", import.meta.url)`. A debug build goes to
 * `build/debug/`, so it never takes the place of the one that is shipped.
 */
export async function buildFilter(entry: string | URL, options: BuildFilterOptions = {}): Promise<string> {
  return (await buildForTests(entry, options, true)).wasmFile;
}

/** As `buildFilter`, with all that the build tells; `reuse: false` builds what has not changed, too. */
export function buildForTests(entry: string | URL, options: BuildFilterOptions, reuse: boolean): Promise<BuildResult> {
  const mode = options.mode ?? process.env.MESHWRIGHT_BUILD ?? "debug";
  if (mode !== "debug" && mode !== "release")
    throw new Error(`buildFilter: there is no mode "${mode}"; set MESHWRIGHT_BUILD to debug or release`);
  const path = entry instanceof URL ? fileURLToPath(entry) : entry;
  const shipped = moduleOf(path);
  const outFile = mode === "release" ? shipped : join(dirname(shipped), "debug", basename(shipped));
  return buildModule(path, { debug: mode === "debug", reuse, outFile });
}
