import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DoctorError } from "./errors.ts";
import { recognise } from "./recognise.ts";
import { assemble, type Snapshot, type SnapshotPart } from "./snapshot.ts";

/** Reads what was saved of an admin interface, or printed by istioctl: files, and folders of files. Each tells by its content what it is. */
export function readDump(paths: readonly string[]): Snapshot {
  const parts = paths.flatMap(path => filesOf(path).map(file => readPart(file, file !== path)));
  const known = parts.filter(part => part !== null);
  if (!known.some(part => Object.keys(part).length > 0)) {
    const expected = "answers of Envoy's /config_dump, /stats, /clusters?format=json, /certs or /server_info, or istioctl's -o json";
    throw new DoctorError(`${paths.join(", ")}: expected ${expected}, found none; see docs/troubleshooting.md for how to save them`);
  }
  return assemble(paths.join(", "), known);
}

function filesOf(path: string): string[] {
  try {
    if (path === "-" || !statSync(path).isDirectory()) return [path];
    return readdirSync(path, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(path, entry.name));
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** A file that was named has to be something; a folder may hold others. */
function readPart(file: string, mayBeOther: boolean): SnapshotPart | null {
  const part = recognise(readText(file));
  if (part || mayBeOther) return part;
  throw new DoctorError(`${file}: expected an answer of Envoy's admin interface or istioctl's -o json, found something else`);
}

/** Lines of a log, its last megabytes. */
export function readLines(file: string, atMost = 16 << 20): string[] {
  return readText(file)
    .slice(-atMost)
    .split("\n")
    .filter(line => line.trim() !== "");
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw cannotRead(file, error);
  }
}

function cannotRead(path: string, error: unknown): DoctorError {
  return new DoctorError(
    `${path} cannot be read (${(error as NodeJS.ErrnoException).code}); give a file that can, or for --dump a folder of them`,
    { cause: error },
  );
}
