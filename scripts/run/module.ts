import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { isWasm } from "../abi/index.ts";

/** The module that a command was asked for, and the name it goes by: the root id and the name in Envoy's log. */
export interface Module {
  file: string;
  name: string;
}

/** For a command: a path to a .wasm file, or the name of one under build/ of this project or of the package itself. */
export function findModule(asked: string, folders: readonly string[], command = "run"): Module {
  if (asked.endsWith(".wasm") || existsSync(asked)) {
    const file = resolve(asked);
    if (!existsSync(file)) throw new Error(`${command}: there is no ${asked}; build it with: meshwright build`);
    return { file, name: basename(file, ".wasm") };
  }
  for (const folder of folders) {
    const file = join(folder, "build", `${asked}.wasm`);
    if (existsSync(file)) return { file, name: asked };
  }
  const known = [...new Set(folders.flatMap(namesIn))].sort();
  const there = known.length > 0 ? `there is: ${known.join(", ")}` : "nothing is built here";
  throw new Error(`${command}: no filter "${asked}"; ${there}. Build with: meshwright build, or give the path of a .wasm file`);
}

/** As `findModule`, for a command that loads it: what is no module Envoy refuses in words that name no file. */
export function findRunnable(asked: string, folders: readonly string[], command: string): Module {
  const module = findModule(asked, folders, command);
  if (!statSync(module.file).isFile() || !isWasm(readFileSync(module.file)))
    throw new Error(`${command}: ${asked} is no WebAssembly module; give the .wasm that meshwright build wrote`);
  return module;
}

/** JSON on the command line, or a file with JSON or YAML. A file that is neither is handed to the filter as it is. */
export function readConfig(asked: string | undefined, command = "run", option = "--config"): unknown {
  if (asked === undefined) return undefined;
  if (/^\s*[{[]/.test(asked)) return parseText(asked, option, command);
  let text: string;
  try {
    text = readFileSync(asked, "utf8");
  } catch (cause) {
    throw new Error(
      `${command}: ${option} ${asked} cannot be read (${(cause as NodeJS.ErrnoException).code}); give a file, or JSON like '{"a": 1}'`,
      {
        cause,
      },
    );
  }
  return /\.(json|ya?ml)$/i.test(asked) ? parseText(text, relative(process.cwd(), resolve(asked)), command) : text;
}

function parseText(text: string, where: string, command: string): unknown {
  try {
    // JSON is YAML; yaml's message names line and column.
    return parse(text) as unknown;
  } catch (cause) {
    throw new Error(`${command}: ${where} is neither JSON nor YAML: ${(cause as Error).message}`, { cause });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(join(folder, "build")).flatMap(name => (name.endsWith(".wasm") ? [name.slice(0, -5)] : []));
  } catch {
    return [];
  }
}
