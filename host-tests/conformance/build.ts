import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { asc } from "../../scripts/build/compiler.ts";

const ENTRY = "host-tests/conformance/assembly/probe.ts";
const OUT = "build/fixtures/probe.wasm";

/** Compiles the probe, which has callbacks and hostcalls of its own and no SDK; answers the module's path. */
export async function buildProbe(): Promise<string> {
  const messages = asc.createMemoryStream();
  let wasm: Uint8Array | undefined;
  const { error } = await asc.main(
    [
      ENTRY,
      ...["--outFile", "probe.wasm", "--optimizeLevel", "1", "--debug", "--runtime", "minimal", "--exportStart", "_initialize"],
      ...["--use", "abort=host-tests/conformance/assembly/probe/abort", "--noColors"],
    ],
    {
      stdout: messages,
      stderr: messages,
      // The flags above are all: asconfig.json is for filters.
      readFile: async (path, base) => (path === "asconfig.json" ? null : readFile(resolve(base, path), "utf8").catch(() => null)),
      writeFile: (path, contents) => {
        if (path.endsWith(".wasm")) wasm = contents as Uint8Array;
      },
      listFiles: () => [],
      transforms: [],
    },
  );
  if (error || !wasm) throw new Error(`the probe does not compile:\n${messages.toString()}`);
  await mkdir(dirname(OUT), { recursive: true });
  // By rename: another test file builds the same, and its readers must not see half of it.
  const scratch = `${OUT}.${process.pid}.${Date.now()}`;
  await writeFile(scratch, wasm);
  await rename(scratch, OUT);
  return OUT;
}
