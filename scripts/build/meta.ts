import { createHash } from "node:crypto";
import { readWasm } from "../abi/wasm-reader.ts";
import { readIdentity } from "./custom-section.ts";

/** What `<name>.meta.json` tells about a module without loading it. */
export interface Meta {
  readonly name: string;
  readonly version: string;
  readonly sdkVersion: string;
  readonly ascVersion: string;
  /** In bytes. */
  readonly size: number;
  /** Of the whole file, in hexadecimal; Envoy and Istio ask for it. */
  readonly sha256: string;
  readonly exports: readonly string[];
  /** As `module.name`. */
  readonly imports: readonly string[];
  /** Of the configuration schema as compact JSON, or null when there is none. */
  readonly configSchemaSha256: string | null;
}

/** Describes a finished module. */
export function describeModule(wasm: Uint8Array): Meta {
  const outline = readWasm(wasm);
  const identity = readIdentity(wasm);
  const schema = identity?.configSchema ?? null;
  return {
    name: identity?.name ?? "",
    version: identity?.version ?? "",
    sdkVersion: identity?.sdkVersion ?? "",
    ascVersion: identity?.ascVersion ?? "",
    size: wasm.length,
    sha256: sha256(wasm),
    exports: outline.exports.map(({ name }) => name).sort(),
    imports: outline.imports.map(({ module, name }) => `${module}.${name}`).sort(),
    configSchemaSha256: schema === null ? null : sha256(JSON.stringify(schema)),
  };
}

function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}
