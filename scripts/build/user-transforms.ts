import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Entry } from "./entry.ts";
import { BuildError } from "./errors.ts";
import { hash } from "./up-to-date.ts";

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
      // Of a package also where it is not yet, so that a build after its installation is another one.
      for (const folder of /^[./]/.test(each) ? [] : (resolve.paths(each) ?? [])) await read(join(folder, packageOf(each), "package.json"));
      const path = resolve(each);
      const loaded = await import(addressOf(path, hash((await read(path)) ?? "")));
      usable.push(loaded.default ?? loaded);
    } catch (error) {
      problems.push(`build: asconfig.json of ${name} names ${each}, ${reasonOf(error as NodeJS.ErrnoException, each)}`);
    }
  }
  return { usable, problems };
}

/** The texts that files had when they were loaded first. */
const loadedFirst = new Map<string, string>();

/** A module is loaded once for each address, and a watching build lives longer than a text. The first one has the address that other modules know. */
function addressOf(path: string, digest: string): string {
  const first = loadedFirst.get(path) ?? digest;
  loadedFirst.set(path, first);
  return pathToFileURL(path).href + (digest === first ? "" : `?${digest}`);
}

/** `@scope/name` of `@scope/name/transform`. */
function packageOf(name: string): string {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
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
