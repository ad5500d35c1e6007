import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entry } from "../entry.ts";

/** Says which transforms an `asconfig.json` names: they do not run, and what they would add to the program is missing. */
export async function transformsNote({ name, project }: Entry): Promise<string | null> {
  const text = await readFile(join(project.folder, "asconfig.json"), "utf8").catch(() => "");
  const named = [...text.matchAll(/"transform"\s*:\s*(\[[^\]]*\]|"[^"]*")/g)].flatMap(([, list = ""]) =>
    Array.from(list.matchAll(/"([^"]+)"/g), ([, each = ""]) => each),
  );
  const missing = [...new Set(named)].filter(each => !NEEDLESS.test(each));
  if (missing.length === 0) return null;
  const run = missing.length === 1 ? "which does not run" : "which do not run";
  return `build: asconfig.json of ${name} names ${missing.join(", ")}, ${run}: what it adds to classes is missing, and the filter may abort where it is used; read JSON with Config or JsonParser from "meshwright/assembly", or with assemblyscript-json`;
}

/** What compat does without. */
const NEEDLESS = /wasi-shim/;
