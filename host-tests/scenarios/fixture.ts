import { buildModule } from "../../scripts/build/index.ts";

/** Builds `host-tests/scenarios/assembly/<name>.ts` as a user's filter would be; answers the module's path. */
export async function filter(name: string): Promise<string> {
  const { wasmFile } = await buildModule(`host-tests/scenarios/assembly/${name}.ts`, {
    outFile: `build/fixtures/${name}.wasm`,
    reuse: true,
  });
  return wasmFile;
}
