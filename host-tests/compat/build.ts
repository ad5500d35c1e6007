import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BuildResult, buildModule } from "../../scripts/build/index.ts";

/** Filters of other SDKs' tests, and of these. */
const FOLDERS = ["../other-sdks/", "filters/"].map(folder => fileURLToPath(new URL(folder, import.meta.url)));
const built = new Map<string, Promise<BuildResult>>();

/** Builds a filter for another SDK, as it stands, with compat; answers the module's path. `program` is its file. */
export async function buildWithCompat(folderName: string, program = "index"): Promise<string> {
  const name = `${folderName}-${program}`;
  let module = built.get(name);
  if (!module) {
    const folder = FOLDERS.find(each => existsSync(`${each}${folderName}`)) ?? FOLDERS[0];
    module = buildModule(`${folder}${folderName}/assembly/${program}.ts`, { outFile: `build/compat/${name}.wasm` });
    built.set(name, module);
  }
  return (await module).wasmFile;
}
