import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { asc } from "./compiler.ts";
import { ownProject } from "./project.ts";

/** A compiler in the project that is another version than the build's; a transform beside it is written for its syntax tree. */
export interface OtherCompiler {
  readonly folder: string;
  readonly version: string;
}

/** The text of a file by its path; null when there is none. */
type Read = (path: string) => Promise<string | null>;

/** Finds the compiler that a transform imports; null when it is the build's version, or none. */
export async function compilerBeside(transformFile: string, read: Read): Promise<OtherCompiler | null> {
  for (const folder of createRequire(transformFile).resolve.paths("assemblyscript") ?? []) {
    const file = join(folder, "assemblyscript", "package.json");
    const text = await read(file);
    if (text === null) continue;
    const { version } = JSON.parse(text);
    return version === asc.version ? null : { folder: dirname(file), version };
  }
  return null;
}

/** A transform, and what it is to see. */
interface Task {
  readonly compiler: OtherCompiler;
  /** The transform's file. */
  readonly transform: string;
  readonly entry: string;
  readonly baseFolder: string;
  readonly read: Read;
}

/** What the worker gets to start with; files it asks for. */
export interface WorkerTask {
  readonly compiler: string;
  readonly transform: string;
  readonly entry: string;
  readonly baseFolder: string;
}

/** What the worker says. */
export type WorkerMessage = { readonly read: string } | { readonly changed: ReadonlyMap<string, string> };

/**
 * Runs a transform in the compiler that it is written for, up to the syntax tree, and answers the texts that it made of files, by path. The
 * numbers by which a tree names its nodes differ from version to version: in another one, a transform sees other nodes, or fails. Two compilers
 * in one program get in each other's way, and older ones take over its unhandled errors; so this one has a thread of its own.
 */
export function transformTexts({ compiler, transform, entry, baseFolder, read }: Task): Promise<ReadonlyMap<string, string>> {
  const workerData: WorkerTask = { compiler: join(compiler.folder, "dist"), transform: pathToFileURL(transform).href, entry, baseFolder };
  const worker = new Worker(join(ownProject().folder, "dist", "other-compiler.js"), { workerData });
  return new Promise<ReadonlyMap<string, string>>((resolve, reject) => {
    worker.on("message", (message: WorkerMessage) => {
      if ("changed" in message) resolve(message.changed);
      else read(message.read).then(text => worker.postMessage({ path: message.read, text }), reject);
    });
    worker.on("error", reject);
    worker.on("exit", () => reject(new Error("the compiler's thread ended")));
  }).finally(() => worker.terminate());
}
