import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { atExit } from "./at-exit.ts";

/** Hands `use` a new folder in `parent`, which is gone afterwards, and also when the process ends meanwhile. */
export async function withScratchFolder<T>(parent: string, prefix: string, use: (folder: string) => Promise<T>): Promise<T> {
  let folder = "";
  // Before the folder is there, and that at once: a signal comes before both or behind both.
  const forget = atExit(() => folder && rmSync(folder, { recursive: true, force: true }));
  try {
    folder = mkdtempSync(join(parent, prefix));
    return await use(folder);
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true });
    forget();
  }
}
