/** The thread in which another version of the compiler runs a transform: see other-compiler.ts. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { CompilerHooks, MessageStream } from "./compiler.ts";
import type { WorkerMessage, WorkerTask } from "./other-compiler.ts";
import { type PrintNode, TransformedText } from "./transformed-text.ts";

interface Module {
  readonly main: (args: readonly string[], hooks: CompilerHooks) => Promise<{ error: Error | null }>;
  readonly createMemoryStream: () => MessageStream;
}

interface Internals {
  readonly ASTBuilder: { build: PrintNode };
}

const { compiler, transform: file, entry, baseFolder }: WorkerTask = workerData;
const say = (message: WorkerMessage): void => parentPort?.postMessage(message);

const waiting = new Map<string, ((text: string | null) => void)[]>();
parentPort?.on("message", ({ path, text }: { path: string; text: string | null }) => {
  for (const each of waiting.get(path) ?? []) each(text);
  waiting.delete(path);
});

function readFile(path: string): Promise<string | null> {
  return new Promise(resolve => {
    const others = waiting.get(path);
    if (others) others.push(resolve);
    else waiting.set(path, [resolve]);
    if (!others) say({ read: path });
  });
}

const load = (name: string): Promise<unknown> => import(pathToFileURL(join(compiler, name)).href);

const { main, createMemoryStream } = (await load("asc.js")) as Module;
const { ASTBuilder } = (await load("assemblyscript.js")) as Internals;
const loaded = await import(file);
const transform: object = loaded.default ?? loaded;
const hooks = typeof transform === "function" ? transform.prototype : transform;
// What it does at other times cannot be told as text.
if (!("afterParse" in hooks) || "afterInitialize" in hooks || "afterCompile" in hooks) throw new Error("it does not work on the syntax");

const texts = new TransformedText(node => ASTBuilder.build(node));
const messages = createMemoryStream();
const { error } = await main([entry, "--baseDir", baseFolder], {
  stdout: messages,
  stderr: messages,
  readFile,
  writeFile: () => {},
  listFiles: () => [],
  transforms: [{ afterParse: texts.remember }, transform, { afterParse: texts.finish }],
});
if (!texts.finished) throw new Error(`${error?.message ?? "nothing was parsed"}: ${messages.toString()}`);
say({ changed: texts.changed });
