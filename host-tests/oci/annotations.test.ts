import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryUrl } from "../../scripts/oci/annotations.ts";
import { findAnnotations } from "../../scripts/oci/index.ts";
import { temporaryFolder } from "./matrix.ts";

const folder = temporaryFolder();

describe("annotations", () => {
  it("come from the nearest package.json and from git, with the commit's time", () => {
    const project = join(folder, "project");
    const git = (...args: string[]): string =>
      execFileSync("git", ["-C", project, ...args], { encoding: "utf8", env: { ...process.env, ...COMMIT } }).trim();
    mkdirSync(join(project, "build"), { recursive: true });
    writeFileSync(join(project, "package.json"), JSON.stringify({ version: "1.2.3", license: "MIT", description: "Throws dice." }));
    expect(findAnnotations(join(project, "build"), "dice")).not.toHaveProperty("org.opencontainers.image.revision");
    git("init", "--quiet");
    git("remote", "add", "origin", "https://me:secret@git.example/mesh/dice.git");
    git("add", ".");
    git("commit", "--quiet", "--message", "first");
    const clean = findAnnotations(join(project, "build"), "dice");
    expect(clean).toEqual({
      "org.opencontainers.image.title": "dice",
      "org.opencontainers.image.description": "Throws dice.",
      "org.opencontainers.image.version": "1.2.3",
      "org.opencontainers.image.licenses": "MIT",
      "org.opencontainers.image.source": "https://git.example/mesh/dice",
      "org.opencontainers.image.revision": git("rev-parse", "HEAD"),
      "org.opencontainers.image.created": "2024-05-06T07:08:09Z",
    });
    // What the build makes is no change.
    writeFileSync(join(project, "build", "dice.wasm"), "");
    expect(findAnnotations(project, "dice")).toEqual(clean);
    writeFileSync(join(project, "package.json"), "{}");
    const dirty = findAnnotations(project, "dice");
    expect(dirty["org.opencontainers.image.revision"]).toBe(`${git("rev-parse", "HEAD")}-dirty`);
    expect(dirty).not.toHaveProperty("org.opencontainers.image.created");
  });

  it("of a module that npm installed are not those of the repository around it", () => {
    const project = join(folder, "around");
    const installed = join(project, "node_modules", "dice");
    mkdirSync(join(installed, "build"), { recursive: true });
    writeFileSync(join(installed, "package.json"), JSON.stringify({ version: "1.2.3" }));
    execFileSync("git", ["init", "--quiet", project]);
    execFileSync("git", ["-C", project, "commit", "--quiet", "--allow-empty", "--message", "a"], { env: { ...process.env, ...COMMIT } });
    expect(findAnnotations(join(installed, "build"), "dice")).toEqual({
      "org.opencontainers.image.title": "dice",
      "org.opencontainers.image.version": "1.2.3",
    });
  });

  it.each([
    ["git+https://github.example/a/b.git", "https://github.example/a/b"],
    ["git@github.example:a/b.git", "https://github.example/a/b"],
    ["ssh://git@git.example:2222/a/b", "https://git.example/a/b"],
    ["https://user:token@git.example:8443/a/b.git", "https://git.example:8443/a/b"],
    ["http://git.example/a/b", "http://git.example/a/b"],
    ["a/b", "https://github.com/a/b"],
    ["gitlab:a/b", "https://gitlab.com/a/b"],
    ["/srv/git/b.git", null],
    ["../b", null],
    [null, null],
  ])("turn %s into %s", (address, url) => {
    expect(repositoryUrl(address)).toBe(url);
  });
});

const COMMIT = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.com",
  GIT_AUTHOR_DATE: "2024-05-06T07:08:09Z",
  GIT_COMMITTER_DATE: "2024-05-06T07:08:09Z",
};
