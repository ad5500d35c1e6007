import { type FSWatcher, watch } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { type BuildOptions, type BuildResult, buildModule } from "./build.ts";
import { BuildError } from "./errors.ts";

/** Editors write a file in several steps, and often several files at once. */
const QUIET_MS = 20;

export interface Watch {
  /** Stops watching; a build that is under way is waited for. */
  close(): Promise<void>;
}

/** Builds once, and again whenever a file that went into the module has changed. The compiler stays loaded, which makes it some five times as fast. */
export function watchModule(entry: string, options: BuildOptions, onBuilt: (outcome: BuildResult | Error) => void | Promise<void>): Watch {
  const folders = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let building: Promise<void> = Promise.resolve();
  let closed = false;

  const build = async (first: boolean): Promise<void> => {
    if (closed) return;
    try {
      const result = await buildModule(entry, { ...options, reuse: true, onSources: follow });
      // An editor touched something else, or a file came back as it was.
      if (first || !result.reused) await onBuilt(result);
    } catch (error) {
      if (first || !(error instanceof BuildError && error.reused)) await onBuilt(error as Error);
    }
  };
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      building = building.then(() => build(false));
    }, QUIET_MS);
  };
  /** Watches folders and not files: an editor that saves by renaming replaces the file that a watch would hold. */
  const follow = (files: readonly string[]): void => {
    if (closed) return;
    const wanted = new Set(
      [dirname(resolve(entry)), ...files.map(file => dirname(file))].filter(folder => !folder.split(sep).includes("node_modules")),
    );
    for (const folder of wanted) {
      if (folders.has(folder)) continue;
      try {
        folders.set(folder, watch(folder, changed));
      } catch {
        // The compiler asked for a file in a folder that does not exist.
      }
    }
  };

  building = build(true);
  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const watcher of folders.values()) watcher.close();
      return building;
    },
  };
}
