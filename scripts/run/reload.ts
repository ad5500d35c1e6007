import { createHash, randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AdminAddress, changeWatchedFile, filterSubscription, type LineLog, listenerSubscription, reasonsIn } from "../envoy/index.ts";
import { filterPath, listenersPath, type Place } from "../envoy-config/index.ts";

/** What came of a new version of module or configuration. */
export interface Reload {
  /** False: Envoy goes on with what it had. */
  readonly accepted: boolean;
  /** It is what was published last, and so is what came of it. */
  readonly unchanged: boolean;
  /** What Envoy and the filter said of it, when it was refused. */
  readonly reasons: readonly string[];
  /** From the new file in place to Envoy's verdict. */
  readonly milliseconds: number;
  /** Whether Envoy has taken any version; without one it answers 500. */
  readonly isServing: boolean;
}

export interface ReloaderOptions {
  readonly admin: AdminAddress;
  readonly log: LineLog;
  readonly place: Place;
  /** The filter's name, by which Envoy asks for it. */
  readonly filter: string;
  /** What Envoy started with, as `dynamicFiles` makes it. */
  readonly files: ReadonlyMap<string, string>;
  /** Why Envoy refused it, or null. */
  readonly refused: readonly string[] | null;
}

/** Replaces filter and listeners of a running Envoy by the files that it watches. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #published: ReadonlyMap<string, string>;
  #last: Reload;
  #isServing = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#published = options.files;
    this.#last = this.#outcome(options.refused, 0);
  }

  /** Publishes what has changed: the filter first, as a listener (its span tags) is only worth replacing when the filter was taken. */
  async publish(files: ReadonlyMap<string, string>): Promise<Reload> {
    const { filter, place } = this.#options;
    const steps = [
      { path: filterPath(place, filter), subscription: filterSubscription(filter, "http") },
      { path: listenersPath(place), subscription: listenerSubscription },
    ];
    const isNew = ({ path }: { path: string }): boolean => files.get(path) !== this.#published.get(path);
    const refusedBefore = !this.#last.accepted && !isNew(steps[0] as { path: string });
    const changed = refusedBefore ? [] : steps.filter(isNew);
    if (changed.length === 0) return { ...this.#last, unchanged: true, milliseconds: 0 };
    const started = performance.now();
    let reasons: readonly string[] | null = null;
    for (const { path, subscription } of changed) {
      if (reasons) break;
      const text = files.get(path) ?? "";
      this.#published = new Map([...this.#published, [path, text]]);
      reasons = await this.#replace(path, text, subscription);
    }
    this.#last = this.#outcome(reasons, performance.now() - started);
    return this.#last;
  }

  #outcome(reasons: readonly string[] | null, milliseconds: number): Reload {
    const accepted = reasons === null;
    this.#isServing ||= accepted;
    return { accepted, unchanged: false, reasons: reasons ?? [], milliseconds, isServing: this.#isServing };
  }

  /** Null when Envoy has taken it. */
  async #replace(path: string, text: string, subscription: string): Promise<string[] | null> {
    const { admin, log } = this.#options;
    const from = log.lines.length;
    if (await changeWatchedFile(admin, subscription, () => moveInto(path, text))) return null;
    // This line is the last one about it, and may come later than the counter.
    await log.waitFor(/config update (rejected|failure)/, { from, timeoutMs: 60_000 });
    return reasonsIn(log.lines.slice(from));
  }
}

/**
 * Puts a module into Envoy's folder under a name of its own. Envoy compares configurations and not files: new code under the old name
 * would go unnoticed.
 */
export async function placeModule(folder: string, name: string, file: string): Promise<string> {
  const wasm = await readFile(file);
  const path = join(folder, `${name}-${createHash("sha256").update(wasm).digest("hex").slice(0, 16)}.wasm`);
  await moveInto(path, wasm);
  return path;
}

/** A module that Envoy has read it does not read again. */
export async function removeModule(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** By rename: Envoy takes notice of files that are moved into place, and never sees half of one. */
async function moveInto(path: string, content: string | Uint8Array): Promise<void> {
  const scratch = `${path}.${randomUUID().slice(0, 8)}`;
  await writeFile(scratch, content);
  await rename(scratch, path);
}
