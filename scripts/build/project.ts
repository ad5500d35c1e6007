import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "./errors.ts";

/** A folder with a package.json. */
export interface Project {
  /** The folder, with symbolic links resolved. */
  readonly folder: string;
  /** The package's name without its scope, or null when it has none. */
  readonly name: string | null;
  readonly version: string;
}

/** The nearest folder with a package.json, from `start` upwards; where there is none, the folder itself, or the one that it is the `assembly` or `src` of. */
export function findProject(start: string): Project {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) return readProject(folder, file);
    if (dirname(folder) === folder) return withoutPackage(start);
  }
}

/** What an example is that somebody published, and its sources alone. */
function withoutPackage(start: string): Project {
  const folder = realpathSync(start);
  return { folder: ["assembly", "src"].includes(basename(folder)) ? dirname(folder) : folder, name: null, version: "0.0.0" };
}

/** The package that this code belongs to: meshwright, wherever it is installed and whether bundled or not. */
export function ownProject(): Project {
  return findProject(dirname(fileURLToPath(import.meta.url)));
}

function readProject(folder: string, file: string): Project {
  let json: { name?: unknown; version?: unknown };
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new BuildError("project-missing", `build: ${file} is not valid JSON: ${(error as Error).message}; correct it`, { cause: error });
  }
  const name = typeof json.name === "string" && json.name !== "" ? json.name.replace(/^@[^/]*\//, "") : null;
  return { folder: realpathSync(folder), name, version: typeof json.version === "string" ? json.version : "0.0.0" };
}
