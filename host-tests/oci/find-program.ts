import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program on PATH, or null. */
export function findProgram(name: string): string | null {
  const files = (process.env.PATH ?? "").split(delimiter).map(folder => join(folder, name));
  return files.find(file => existsSync(file)) ?? null;
}

/**
 * The same for a program without which a part of the tests cannot run: says what is lost.
 * With MESHWRIGHT_REQUIRE_REGISTRY=1 its absence is an error.
 */
export function findOrTell(name: string, lost: string): string | null {
  const program = findProgram(name);
  if (program) return program;
  if (process.env.MESHWRIGHT_REQUIRE_REGISTRY === "1") {
    throw new Error(`oci: ${name} is not on PATH and MESHWRIGHT_REQUIRE_REGISTRY=1; install it: apt-get install ${name}`);
  }
  console.warn(`oci: ${name} is not on PATH; ${lost}`);
  return null;
}
