import { access } from "node:fs/promises";
import { buildModule } from "../../scripts/build/index.ts";

const built = new Map<string, Promise<string>>();

/** Builds `host-tests/sdk/assembly/<name>.ts` as a user's filter would be; answers the module's path. */
export function fixture(name: string): Promise<string> {
  let module = built.get(name);
  if (!module) {
    module = build(name);
    built.set(name, module);
  }
  return module;
}

async function build(name: string): Promise<string> {
  const entry = `host-tests/sdk/assembly/${name}.ts`;
  await access(entry);
  const { wasmFile } = await buildModule(entry, { outFile: `build/fixtures/${name}.wasm` });
  return wasmFile;
}
