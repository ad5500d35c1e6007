import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { type BuildOptions, type BuildResult, buildModule } from "../../scripts/build/index.ts";

const HERE = dirname(fileURLToPath(import.meta.url));

/** The repository's folder. */
export const ROOT = join(HERE, "..", "..");

/** A fixture's path: `headers-only` is fixtures/assembly/headers-only.ts. */
export function fixture(name: string): string {
  return join(HERE, "fixtures", "assembly", `${name}.ts`);
}

/** A user's project, which imports meshwright by name. */
export const PROJECT = join(HERE, "fixtures", "project");

/** A folder for a test file's output, gone when its tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "meshwright-build-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Builds into `folder`; without optimisation unless the test is about that, because it is many times faster. */
export function buildInto(folder: string, entry: string, options: BuildOptions = { debug: true }): Promise<BuildResult> {
  return buildModule(entry, { outFile: join(folder, "module.wasm"), ...options });
}
