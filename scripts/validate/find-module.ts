import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { MalformedWasmError, readWasm } from "../abi/index.ts";
import { readIdentity } from "../build/index.ts";
import { capabilities } from "../manifests/index.ts";
import { type FindModule, type Plugin, type PluginModule, UnavailableModuleError } from "./plugin.ts";

export interface ModuleSources {
  /** Modules that were named. */
  readonly files: readonly string[];
  /** Projects, each with a folder build/. */
  readonly folders: readonly string[];
  /** Fetches an image; null: none is fetched. */
  readonly pull: ((reference: string) => Promise<Uint8Array>) | null;
}

/** Looks for a plugin's module in the image that it names, among the files given, and in build/; by the plugin's name, then by its code's. */
export function moduleFinder({ files, folders, pull }: ModuleSources): FindModule {
  const given = files.map(file => ({ file, module: describeFile(file) }));
  const pulled = new Map<string, Promise<PluginModule>>();
  return async plugin => {
    if (pull && plugin.code.startsWith("oci://")) {
      const reference = imageOf(plugin);
      const known = pulled.get(reference) ?? fetched(pull, reference);
      pulled.set(reference, known);
      return known;
    }
    for (const name of [plugin.name, codeName(plugin.code)].filter(Boolean)) {
      const own = given.find(({ file, module }) => module.name === name || basename(file, ".wasm") === name);
      if (own) return own.module;
      const built = folders.map(folder => join(folder, "build", `${name}.wasm`)).find(existsSync);
      if (built) return describe(readFileSync(built));
    }
    return null;
  };
}

async function fetched(pull: (reference: string) => Promise<Uint8Array>, reference: string): Promise<PluginModule> {
  try {
    return describe(await pull(reference));
  } catch (error) {
    throw new UnavailableModuleError((error as Error).message.replace(/^oci: /, ""), { cause: error });
  }
}

function describe(wasm: Uint8Array): PluginModule {
  const identity = readIdentity(wasm);
  return { name: identity?.name ?? "", configSchema: identity?.configSchema, capabilities: capabilities(readWasm(wasm)) };
}

function describeFile(file: string): PluginModule {
  try {
    return describe(readFileSync(file));
  } catch (error) {
    if (!(error instanceof MalformedWasmError)) throw error;
    throw new MalformedWasmError(`${file} is no WebAssembly module: ${error.message}`, { cause: error });
  }
}

/** Istio takes the digest where there is one, and `latest` where there is nothing. */
function imageOf({ code, digest }: Plugin): string {
  if (code.includes("@")) return code;
  if (digest) return `${code}@${digest}`;
  return /:[^/]*$/.test(code) ? code : `${code}:latest`;
}

/** `span-attributes` of oci://registry.example/filters/span-attributes:1.0, and of /etc/envoy/span-attributes.wasm. */
function codeName(code: string): string {
  const last = code.split(/[?@]/)[0]?.split("/").at(-1) ?? "";
  return last.replace(/:.*$/, "").replace(/\.wasm(\.gz)?$|\.tar(\.gz)?$/, "");
}
