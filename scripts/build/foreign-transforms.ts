import { resolve } from "node:path";
import { findStandIn } from "./compat/packages.ts";
import type { Entry } from "./entry.ts";
import { transformTexts } from "./other-compiler.ts";
import { OWN_SDK } from "./own-sdk.ts";
import type { ForeignTransform } from "./user-transforms.ts";

/**
 * Runs a transform for another version of the compiler in that one, after others: `texts` are the files that they have changed, by absolute path,
 * and get those that it changes. False when it cannot run there; it may in the build's.
 */
export async function runForeign(
  { file: transform, compiler }: ForeignTransform,
  { project, wrapper }: Entry,
  texts: Map<string, string>,
  read: (file: string) => Promise<string | null>,
): Promise<boolean> {
  const baseFolder = project.folder;
  const files = new Map<string, string>();
  const readFor = async (path: string): Promise<string | null> => {
    if (path === wrapper.path) return wrapper.text.split("\n", 1)[0] ?? "";
    if (path === "asconfig.json") return null;
    const file = resolve(baseFolder, path);
    // Transforms are for the filter, and the SDK is written for today's compiler.
    if (findStandIn(file) || OWN_SDK.test(file)) return "";
    files.set(file.replaceAll("\\", "/").replace(/^.*\/node_modules\//, "~lib/"), file);
    return texts.get(file) ?? read(file);
  };
  try {
    const changed = await transformTexts({ compiler, transform, entry: wrapper.path, baseFolder, read: readFor });
    for (const [path, text] of changed) texts.set(files.get(path) ?? resolve(baseFolder, path), text);
    return true;
  } catch {
    return false;
  }
}
