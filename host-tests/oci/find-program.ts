import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program on PATH, or null. */
export function findProgram(name: string): string | null {
  const files = (process.env.PATH ?? "").split(delimiter).map(folder => join(folder, name));
  return files.find(file => existsSync(file)) ?? null;
}
