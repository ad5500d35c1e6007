import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Entry } from "./entry.ts";
import { BuildError } from "./errors.ts";
import { shareCompiler } from "./one-compiler.ts";
import { compilerBeside, type OtherCompiler } from "./other-compiler.ts";
import { hash } from "./up-to-date.ts";

/** What an `asconfig.json`, or asc's command line in package.json, names as `transform`: libraries such as json-as write code for classes that way. */
export interface UserTransforms {
  /** As the compiler takes them: objects with hooks, or classes of such. */
  readonly usable: readonly object[];
  /** What is to be said of those that cannot run. */
  readonly problems: readonly string[];
}

/** A transform for another version of the compiler, which is in the project. */
export interface ForeignTransform {
  readonly file: string;
  readonly compiler: OtherCompiler;
}

/**
 * Finds the project's transforms, as plain asc does for a release. `read` is told of the files that the module depends on with them, and `runs` of
 * those for another version of the compiler: it answers whether they have done their work in that.
 */
export async function loadTransforms(
  { name, project }: Entry,
  read: (file: string) => Promise<string | null>,
  runs: (transform: ForeignTransform) => Promise<boolean>,
): Promise<UserTransforms> {
  const [file, manifest] = [join(project.folder, "asconfig.json"), join(project.folder, "package.json")];
  const usable: object[] = [];
  const problems: string[] = [];
  const { resolve } = createRequire(file);
  const named = [...inConfig(await read(file), name), ...inScripts(await read(manifest))].filter(([each]) => !NEEDLESS.test(each));
  for (const [each, by] of named.filter(([each], index) => named.findIndex(([first]) => first === each) === index)) {
    try {
      // Of a package also where it is not yet, so that a build after its installation is another one.
      for (const folder of /^[./]/.test(each) ? [] : (resolve.paths(each) ?? [])) await read(join(folder, packageOf(each), "package.json"));
      const path = resolve(each);
      const compiler = await compilerBeside(path, read);
      const text = (await read(path)) ?? "";
      if (compiler && (await runs({ file: path, compiler }))) continue;
      shareCompiler();
      const loaded = await import(addressOf(path, hash(text)));
      usable.push(loaded.default ?? loaded);
    } catch (error) {
      problems.push(`build: ${by} of ${name} names ${each}, ${reasonOf(error as NodeJS.ErrnoException, each)}`);
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

/** The name of a transform, and the file that has it. */
type Named = readonly [transform: string, file: string];

function inConfig(text: string | null, name: string): Named[] {
  if (text === null) return [];
  let config: { readonly options?: Options; readonly targets?: { readonly release?: Options } };
  try {
    config = JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message;
    throw new BuildError("transform", `build: asconfig.json of ${name} is not valid JSON: ${reason}; correct it`, { cause: error });
  }
  const named = [config.options, config.targets?.release].flatMap(options => options?.transform ?? []);
  return named.map(each => [each, "asconfig.json"]);
}

function inScripts(text: string | null): Named[] {
  const { scripts = {} }: { scripts?: Readonly<Record<string, string>> } = JSON.parse(text ?? "{}");
  const commands = Object.values(scripts).filter(each => /\basc\b/.test(each));
  return commands.flatMap(each => [...each.matchAll(/--transform[= ](\S+)/g)].map(([, named = ""]): Named => [named, "package.json"]));
}

/** What a module for Envoy does without. */
const NEEDLESS = /wasi-shim/;

function reasonOf({ code, message }: NodeJS.ErrnoException, name: string): string {
  if (code === "MODULE_NOT_FOUND" && message.includes(`'${name}'`)) return "which is not installed; run npm install";
  return `which does not run beside this compiler: ${message.split("\n")[0]}`;
}
