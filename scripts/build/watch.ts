import { type FSWatcher, watch } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { type BuildOptions, type BuildResult, buildModule } from "./build.ts";

/** Editors write a file in several steps, and often several files at once. */
const QUIET_MS = 20;
/** Beside the entry, and in the module. */
const SCHEMA = "config.schema.json";

export interface Watch {
  /** Stops watching; a build that is under way is waited for. */
  close(): Promise<void>;
}

/** Builds once, and again whenever a file that went into the module has changed. The compiler stays loaded, which makes it some five times as fast. */
export function watchModule(entry: string, options: BuildOptions, onBuilt: (outcome: BuildResult | Error) => void | Promise<void>): Watch {
  const folders = new Map<string, FSWatcher>();
  /** What the module is made of, also what it was looked for in; nothing before that is known. */
  let parts: ReadonlySet<string> = new Set();
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
      await onBuilt(error as Error);
    }
  };
  const changed = (folder: string, name: string | null): void => {
    if (name !== null && parts.size > 0 && !parts.has(join(folder, name))) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      building = building.then(() => build(false));
    }, QUIET_MS);
  };
  /** Watches folders and not files: an editor that saves by renaming replaces the file that a watch would hold. */
  const follow = (files: readonly string[]): void => {
    if (closed) return;
    const schemas = files.map(file => join(dirname(file), SCHEMA));
    parts = new Set([...files, ...schemas]);
    const wanted = new Set(
      [dirname(resolve(entry)), ...files.map(file => dirname(file))].filter(folder => !folder.split(sep).includes("node_modules")),
    );
    for (const folder of wanted) {
      if (folders.has(folder)) continue;
      try {
        folders.set(
          folder,
          watch(folder, (_, name) => changed(folder, name)),
        );
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
