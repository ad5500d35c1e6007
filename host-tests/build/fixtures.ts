import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect } from "vitest";
import { BuildError, type BuildOptions, type BuildResult, buildModule } from "../../scripts/build/index.ts";

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

/** Writes the files of a project called filter, whose entry is index.ts; answers its folder. */
export function writeProject(project: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries({ "package.json": '{ "name": "filter" }', ...files })) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }
  return project;
}

/** Builds such a project. */
export function buildProject(project: string, options: BuildOptions = {}): Promise<BuildResult> {
  return buildInto(project, join(project, "index.ts"), { debug: true, ...options });
}

/** What a build says that refuses. */
export async function refusalOf(building: Promise<BuildResult>): Promise<string> {
  const error = await building.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(BuildError);
  return (error as BuildError).message;
}

/** Builds into `folder`; without optimisation unless the test is about that, because it is many times faster. */
export function buildInto(folder: string, entry: string, options: BuildOptions = { debug: true }): Promise<BuildResult> {
  return buildModule(entry, { outFile: join(folder, "module.wasm"), ...options });
}
