import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Entry } from "./entry.ts";
import { BuildError } from "./errors.ts";

/** What an `asconfig.json` names under `transform`: libraries such as json-as write code for classes that way. */
export interface UserTransforms {
  /** As the compiler takes them: objects with hooks, or classes of such. */
  readonly usable: readonly object[];
  /** What is to be said of those that cannot run. */
  readonly problems: readonly string[];
}

export const NO_TRANSFORMS: UserTransforms = { usable: [], problems: [] };

/** Finds the project's transforms, as plain asc does for a release. `read` is told of the files that the module depends on with them. */
export async function loadTransforms({ name, project }: Entry, read: (file: string) => Promise<string | null>): Promise<UserTransforms> {
  const file = join(project.folder, "asconfig.json");
  const usable: object[] = [];
  const problems: string[] = [];
  const { resolve } = createRequire(file);
  for (const each of namedIn(await read(file), name)) {
    try {
      const path = resolve(each);
      await read(path);
      const loaded = await import(pathToFileURL(path).href);
      usable.push(loaded.default ?? loaded);
    } catch (error) {
      problems.push(`build: asconfig.json of ${name} names ${each}, ${reasonOf(error as NodeJS.ErrnoException, each)}`);
    }
  }
  return { usable, problems };
}

interface Options {
  readonly transform?: string | readonly string[];
}

function namedIn(text: string | null, name: string): string[] {
  if (text === null) return [];
  let config: { readonly options?: Options; readonly targets?: { readonly release?: Options } };
  try {
    config = JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message;
    throw new BuildError("transform", `build: asconfig.json of ${name} is not valid JSON: ${reason}; correct it`, { cause: error });
  }
  const named = [config.options, config.targets?.release].flatMap(options => options?.transform ?? []);
  return [...new Set(named)].filter(each => !NEEDLESS.test(each));
}

/** What a module for Envoy does without. */
const NEEDLESS = /wasi-shim/;

function reasonOf({ code, message }: NodeJS.ErrnoException, name: string): string {
  if (code === "MODULE_NOT_FOUND" && message.includes(`'${name}'`)) return "which is not installed; run npm install";
  return `which does not run beside this compiler: ${message.split("\n")[0]}`;
}
