import { fileURLToPath } from "node:url";
import { type BuildResult, buildModule } from "../../scripts/build/index.ts";

const FILTERS = fileURLToPath(new URL("../other-sdks/", import.meta.url));
const built = new Map<string, Promise<BuildResult>>();

/** Builds a filter for another SDK, as it stands, with compat; answers the module's path. */
export async function buildWithCompat(name: string): Promise<string> {
  let module = built.get(name);
  if (!module) {
    module = buildModule(`${FILTERS}${name}`, { outFile: `build/compat/${name}.wasm` });
    built.set(name, module);
  }
  return (await module).wasmFile;
}
