import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type ModuleMap,
  openMap,
  type RawFrame,
  recognise,
  resolveFrame,
  type SourceFrame,
  SymbolizeError,
} from "../../scripts/symbolize/index.ts";

/** What frames of a module are in its sources, the innermost first; empty without a source map beside the module. */
export function sourceFrames(wasmFile: string, raw: readonly RawFrame[]): SourceFrame[] {
  const map = mapOf(wasmFile);
  if (!map) return [];
  let inner: (RawFrame & { within: NonNullable<ReturnType<typeof recognise>> }) | null = null;
  const frames: SourceFrame[] = [];
  for (const each of raw) {
    const within = recognise(map, each);
    if (!within) break;
    const known = { ...each, within };
    frames.push(...resolveFrame(map, known, inner));
    inner = known;
  }
  return frames;
}

/** Frames as lines of an error's stack, which test runners and editors lead to the source from. */
export function stackLines(wasmFile: string, frames: readonly SourceFrame[]): string[] {
  return frames.flatMap(({ function: name, file, line, column }) =>
    file === null ? [] : [`    at ${name ?? "inlined code"} (${onDisk(wasmFile, file)}:${line}:${column})`],
  );
}

/** A map that belongs to another build helps nobody, and is no reason to fail a test. */
function mapOf(wasmFile: string): ModuleMap | null {
  try {
    return openMap(wasmFile);
  } catch (error) {
    if (error instanceof SymbolizeError) return null;
    throw error;
  }
}

/** Paths in a map are relative to the project's folder, which lies above the module. The SDK is installed there, or it is this package's own. */
function onDisk(wasmFile: string, path: string): string {
  const candidates = [path, join("node_modules", path), path.replace(/^meshwright\//, "")];
  for (let folder = dirname(wasmFile); ; folder = dirname(folder)) {
    const found = candidates.map(candidate => join(folder, candidate)).find(candidate => existsSync(candidate));
    if (found !== undefined) return found;
    if (dirname(folder) === folder) return path;
  }
}
