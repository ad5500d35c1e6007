import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";

/** Whoever writes a file writes it in several steps. */
const QUIET_MS = 50;

/**
 * Calls `changed` when a file has other bytes than before. Watches the folder and not the file: editors and compilers save by renaming, which
 * replaces the file that a watch would hold. Returns the function that ends it.
 */
export async function watchFile(file: string, changed: () => void): Promise<() => void> {
  const path = resolve(file);
  let known = await read(path);
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const bytes = await read(path);
    // Between its removal and its return there is no file, and while it is being written it may be empty.
    if (bytes === null || bytes.length === 0 || (known && Buffer.compare(bytes, known) === 0)) return;
    known = bytes;
    changed();
  };
  const watcher = watch(dirname(path), (_, name) => {
    if (name !== null && name !== basename(path)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), QUIET_MS);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

const read = (path: string): Promise<Buffer | null> => readFile(path).catch(() => null);
