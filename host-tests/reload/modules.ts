import { readFile } from "node:fs/promises";
import { buildModule } from "../../scripts/build/index.ts";

/** What the answers of `assembly/versioned.ts` name, as its headers do: `code-0007 config-12`. */
export interface Version {
  readonly code: number;
  readonly config: number;
}

export const nameOf = ({ code, config }: Version): string => `code-${digits(code)} config-${config}`;
export const ROOT_ID = "versioned";
const MARK = "code-0000";

/** Builds the module once; its code is version 0. */
export async function buildVersioned(): Promise<string> {
  const { wasmFile } = await buildModule("host-tests/reload/assembly/versioned.ts", {
    outFile: "build/fixtures/versioned.wasm",
    reuse: true,
  });
  return wasmFile;
}

/**
 * The same module with another version of its code: four digits of a string in its packed data are overwritten, which takes no time and
 * makes a module that Envoy has never seen, as every new build is.
 */
export async function withCode(wasmFile: string, code: number): Promise<Uint8Array> {
  const wasm = await readFile(wasmFile);
  const mark = Buffer.from(MARK, "latin1");
  const at = wasm.indexOf(mark);
  if (at < 0 || wasm.indexOf(mark, at + 1) >= 0) throw new Error(`${wasmFile} should have "${MARK}" once in its data`);
  wasm.write(`code-${digits(code)}`, at, "latin1");
  return wasm;
}

const digits = (code: number): string => String(code).padStart(MARK.length - "code-".length, "0");
