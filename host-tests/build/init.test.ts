import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ownProject } from "../../scripts/build/index.ts";
import { initProject, TEMPLATES } from "../../scripts/init/index.ts";
import { ROOT, temporaryFolder } from "./fixtures.ts";

const folder = temporaryFolder();

/** Each package by a link of its own: in one folder for all, a vitest reads the cache that another one is writing. */
function linkPackages(project: string): void {
  mkdirSync(join(project, "node_modules"));
  for (const name of readdirSync(join(ROOT, "node_modules")).filter(each => !each.startsWith(".vite"))) {
    symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  }
}

describe("a new project", () => {
  // The guide docs/first-filter.md tests the one for http.
  it.each(["tcp", "auth"] as const)("passes its own tests (%s)", async template => {
    const project = join(folder, `my-${template}`);
    await initProject(project, { template });
    linkPackages(project);
    const env = { ...process.env, NO_COLOR: "1", MESHWRIGHT_BUILD: "debug", MESHWRIGHT_ENVOY_VERSIONS: "1.40.0" };
    const { stdout } = await promisify(execFile)(process.execPath, ["node_modules/vitest/vitest.mjs", "run"], { cwd: project, env });
    expect(stdout).toContain("Tests  3 passed (3)");
    expect(existsSync(join(project, "build", "debug", `my-${template}.wasm`))).toBe(true);
  });

  it.each(TEMPLATES)("has its name and this version everywhere (%s)", async template => {
    const project = join(folder, template, "rate-limit");
    const files = await initProject(project, { template });
    expect(files).toContain(".gitignore");
    const texts = files.map(file => readFileSync(join(project, file), "utf8")).join("\n");
    expect(texts).not.toMatch(/my-filter|0\.0\.0/);
    const { name, devDependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    expect({ name, meshwright: devDependencies.meshwright }).toEqual({ name: "rate-limit", meshwright: `^${ownProject().version}` });
  });

  it("is not made in a folder that has something in it", async () => {
    const project = join(folder, "occupied");
    mkdirSync(project);
    writeFileSync(join(project, "notes.txt"), "mine");
    await expect(initProject(project, { template: "http" })).rejects.toThrow("occupied is not empty; give a folder that is");
    expect(existsSync(join(project, "package.json"))).toBe(false);
  });

  it("says where nothing can be written", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    await expect(initProject(join(file, "within"), { template: "http" })).rejects.toThrow(
      /^init: .*a-file.* cannot be written \(ENOTDIR\)/,
    );
  });

  it("is not made under a name that a filter cannot have", async () => {
    await expect(initProject(join(folder, "My Filter"), { template: "http" })).rejects.toThrow('"My Filter" cannot name a filter');
  });
});
