import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { whyNoModule } from "../abi/index.ts";
import { describeModule, EXTENSION, type MapExtension, readIdentity } from "../build/index.ts";
import { type Content, findAnnotations, type Image, OciError, type Referrer, sourceMapReferrers } from "../oci/index.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

/** What the commands about images share. */

/** Runs it; an image reference that is none is wrong use, and anything else the work that failed. */
export async function ociWork<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    throw error.code === "reference" ? new UsageError(error.message, { cause: error }) : new WorkError(error.message, { cause: error });
  }
}

/** Reads a module with what it says of itself; one that something else built goes by its file's name. */
export async function readContent(file: string, withAnnotations: boolean): Promise<Content> {
  const wasm = await readInput(file, "a .wasm file");
  const problem = whyNoModule(wasm);
  if (problem !== null) {
    throw new WorkError(`oci: ${file} is no WebAssembly module: ${problem}; give the .wasm that meshwright build wrote`);
  }
  const bareName = basename(file).replace(/\.wasm$/, "");
  const { name, exports } = describe(wasm);
  const title = name || bareName;
  const annotations = withAnnotations ? findAnnotations(dirname(resolve(file)), title) : {};
  return { wasm, name: title, abiVersions: abiVersions(exports), annotations };
}

/** Reads the map that the build wrote beside the module. One that says that it is another module's would mislead whoever fetches it. */
export async function readReferrers(file: string, { wasm, name }: Content, image: Image): Promise<Referrer[]> {
  const map = await readInput(`${file}.map`, "a module with the .wasm.map that meshwright build writes");
  const stated = moduleStatedBy(map);
  const sha256 = createHash("sha256").update(wasm).digest("hex");
  if (stated !== null && stated !== sha256) {
    const text = `oci: ${file}.map is the map of a module with sha256 ${stated}, and ${file} has ${sha256}`;
    throw new WorkError(`${text}; build again, or leave --with-source-map out`);
  }
  return sourceMapReferrers(map, name, image);
}

/** Which module a map belongs to, by its sha256; null for a map that does not say it, because something else wrote it. */
function moduleStatedBy(map: Uint8Array): string | null {
  try {
    return (JSON.parse(new TextDecoder().decode(map)) as { [EXTENSION]?: Partial<MapExtension> })[EXTENSION]?.module?.sha256 ?? null;
  } catch {
    return null;
  }
}

/** Null when the module does not say it. */
export function identityOf(wasm: Uint8Array): { name: string; version: string } | null {
  try {
    const identity = readIdentity(wasm);
    return identity && { name: identity.name, version: identity.version };
  } catch {
    // Whether the module is one that Envoy takes is what check tells.
    return null;
  }
}

async function readInput(file: string, expected: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new WorkError(`oci: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}); give ${expected}`, { cause: error });
  }
}

/** What is not understood of a module of a newer compiler is left out. */
function describe(wasm: Uint8Array): { name: string; exports: readonly string[] } {
  try {
    return describeModule(wasm);
  } catch {
    return { name: "", exports: [] };
  }
}

/** `proxy_abi_version_0_2_1` becomes `v0.2.1`. */
function abiVersions(exports: readonly string[]): string[] {
  const versions = exports.map(name => /^proxy_abi_version_(\d+(?:_\d+)*)$/.exec(name)?.[1]);
  return versions.filter(version => version !== undefined).map(version => `v${version.replaceAll("_", ".")}`);
}
