import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Entry } from "./entry.ts";
import { BuildError, type BuildErrorCode } from "./errors.ts";
import type { Meta } from "./meta.ts";
import { ownProject } from "./project.ts";

/** What a build was made from, beside its output, so that the next one knows whether it has anything to do. */
export interface BuildRecord {
  /** Everything but the sources: options, versions, configuration schema. */
  readonly key: string;
  /** Hashes of all files that the compiler asked for, by their path from the project; null for one that was not there. */
  readonly sources: Readonly<Record<string, string | null>>;
  /** Of the module, so that a file that somebody else wrote is not taken for ours; null when these sources make none. */
  readonly sha256: string | null;
  readonly warnings: readonly string[];
  /** Why these sources make none. */
  readonly failure?: { readonly code: BuildErrorCode; readonly message: string };
}

/** The files that a compilation asked for: absolute path, then the hash of the text, or null. */
export type Sources = Map<string, string | null>;

/** Options that make another module of the same sources. */
interface Flags {
  readonly debug: boolean;
  readonly compat: boolean;
}

export function hash(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Where the record of a module is. */
export function recordFile(wasmFile: string): string {
  return join(dirname(wasmFile), ".cache", wasmFile.slice(dirname(wasmFile).length + 1).replace(/(\.wasm)?$/, ".json"));
}

/** What a build came to: the module's description, or the error. */
export function makeRecord(
  entry: Entry,
  flags: Flags,
  sources: Sources,
  made: Meta | BuildError,
  warnings: readonly string[],
): BuildRecord {
  const paths = Object.fromEntries([...sources].map(([file, text]) => [relative(entry.project.folder, file), text]));
  const start = { key: keyOf(entry, flags), sources: paths, warnings };
  if (!(made instanceof BuildError)) return { ...start, sha256: made.sha256 };
  return { ...start, sha256: null, failure: { code: made.code, message: made.message } };
}

/** The description of the module that is there when a build would make the same again; null otherwise. Throws when it would fail again. */
export function findUpToDate(entry: Entry, flags: Flags, wasmFile: string, metaFile: string): { meta: Meta; record: BuildRecord } | null {
  const record = readJson<BuildRecord>(recordFile(wasmFile));
  if (!record || record.key !== keyOf(entry, flags)) return null;
  if (Object.entries(record.sources).some(([path, text]) => hashOf(resolve(entry.project.folder, path)) !== text)) return null;
  if (record.failure) throw new BuildError(record.failure.code, record.failure.message, { reused: true });
  const meta = readJson<Meta>(metaFile);
  return meta && existsSync(`${wasmFile}.map`) && hashOf(wasmFile) === record.sha256 ? { meta, record } : null;
}

function keyOf({ file, project, name, sdkPath, sdk, wrapper, configSchema }: Entry, { debug, compat }: Flags): string {
  const from = relative(project.folder, file);
  const tools = [ownProject().version, sdk.version, installedVersion("assemblyscript"), installedVersion("binaryen"), ownSources()];
  return hash(JSON.stringify([from, name, project.version, sdkPath, wrapper.text, configSchema, debug, compat, tools]));
}

/** In a clone the build itself may have changed since; an installed package has a version instead of its sources. */
function ownSources(): string[] {
  const folders = ["abi", "build", "build/compat"].map(name => join(ownProject().folder, "scripts", name));
  return folders.flatMap(folder =>
    existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .filter(name => name.endsWith(".ts"))
          .map(name => `${name} ${hashOf(join(folder, name))}`)
      : [],
  );
}

function installedVersion(name: string): string {
  for (let folder = ownProject().folder; ; folder = dirname(folder)) {
    const json = readJson<{ version: string }>(join(folder, "node_modules", name, "package.json"));
    if (json) return json.version;
    if (dirname(folder) === folder) return "";
  }
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    // Not there, or written half: then the module is built anew.
    return null;
  }
}

function hashOf(file: string): string | null {
  try {
    return hash(readFileSync(file));
  } catch {
    return null;
  }
}
