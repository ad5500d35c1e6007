import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withScratchFolder } from "../leftovers/index.ts";

/** A folder of its own for one Envoy, gone afterwards. */
export function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  return withScratchFolder(tmpdir(), "meshwright-bench-", use);
}

export async function writeConfig(folder: string, bootstrap: string): Promise<string> {
  const path = join(folder, "envoy.yaml");
  await writeFile(path, bootstrap);
  return path;
}
