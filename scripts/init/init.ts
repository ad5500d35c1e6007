import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ownProject } from "../build/index.ts";

/** Folders below scripts/init/templates: each a whole project, for a filter called my-filter. */
export const TEMPLATES = ["http", "tcp", "auth"] as const;
export type Template = (typeof TEMPLATES)[number];

/** What stands for the project's name in the templates, and for the version of this package. */
const NAME = "my-filter";
const VERSION = "^0.0.0";

/** The project cannot be made; the message says why and what to do. */
export class InitError extends Error {
  override readonly name = "InitError";
}

export interface InitOptions {
  template: Template;
  /** Where npm gets this package from; its version on the registry by default. */
  packageSpec?: string | undefined;
}

/** Makes a project in `folder`, named like it, and answers the files in it. Touches no folder that has something in it already. */
export async function initProject(folder: string, { template, packageSpec }: InitOptions): Promise<string[]> {
  const target = resolve(folder);
  const name = projectName(target);
  if (existsSync(target) && (await contents(target)).length > 0)
    throw new InitError(`init: ${folder} is not empty; give a folder that is, or one that does not exist`);
  const own = ownProject();
  const source = join(own.folder, "scripts", "init", "templates", template);
  const files = await contents(source, true);
  for (const file of files) {
    const text = await readFile(join(source, file), "utf8");
    const to = join(target, targetName(file));
    await write(to, text.replaceAll(NAME, name).replaceAll(VERSION, packageSpec ?? `^${own.version}`));
  }
  return files.map(targetName);
}

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new InitError(`init: ${file} cannot be written (${reason}); give a folder in one that you may write to`, { cause: error });
  }
}

/** One name travels: the package's, the root id, the module's. */
function projectName(target: string): string {
  const name = basename(target);
  if (/^[a-z][a-z0-9-]*$/.test(name)) return name;
  throw new InitError(`init: "${name}" cannot name a filter; give a folder called like rate-limit: small letters, digits, hyphens`);
}

async function contents(folder: string, deep = false): Promise<string[]> {
  let entries: import("node:fs").Dirent[];
  try {
    entries = await readdir(folder, { recursive: deep, withFileTypes: true });
  } catch (error) {
    throw new InitError(`init: ${folder} cannot be read (${(error as NodeJS.ErrnoException).code}); give a folder`, { cause: error });
  }
  if (!deep) return entries.map(entry => entry.name);
  const files = entries.filter(entry => entry.isFile());
  return files.map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

/** npm leaves a file called .gitignore out of a package. */
function targetName(file: string): string {
  return file === "gitignore" ? ".gitignore" : file;
}
