import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { manifests } from "./build.mjs";
import { bundle, declarations } from "./bundle.mjs";
import { bin, ROOT } from "./run.mjs";

/** Directions of imports; links and names in documents, and what docs/coverage.md says that there is; docs/api.md against the docstrings, docs/abi.md against ABI, SDK and tests. */
const DOCUMENT_TESTS = ["imports", "documents", "coverage", "api-reference", "abi-table"];

/** Everything that can be known without running a filter. Each check runs, also after one has failed. */
const CHECKS = [
  // The documents are compared with the commands that there are, and templates with the types of the package.
  { name: "bundle", run: () => bundle().then(declarations) },
  { name: "format and lint", run: () => bin("@biomejs/biome/bin/biome", ["check", "."]) },
  { name: "types", run: () => bin("typescript/bin/tsc", ["-p", "."]) },
  { name: "types of what runs in the browser", run: () => bin("typescript/bin/tsc", ["-p", "scripts/look/client"]) },
  { name: "AssemblyScript, as TypeScript", run: () => bin("typescript/bin/tsc", ["-p", "assembly"]) },
  { name: "AssemblyScript, as asc sees it", run: compileAssembly },
  { name: "manifests in istio/, envoy/ and examples/", run: () => manifests(["--check"]) },
  {
    name: "import directions and documents",
    run: () => bin("vitest/vitest.mjs", ["run", "--project", "build", ...DOCUMENT_TESTS.map(name => `build/${name}.test.ts`)]),
  },
];

/** Runs the checks; fails too when one of them changed a file of the repository. */
export async function check() {
  const before = changedFiles();
  const failed = [];
  for (const { name, run } of CHECKS) {
    console.log(`check: ${name}`);
    if ((await run()) !== 0) failed.push(name);
  }
  if (changedFiles() !== before) failed.push("clean tree: a check changed files, see git status");
  console.log(failed.length === 0 ? "check: all is well" : `check: failed: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

/** Plain asc, without our transform: the SDK has to work without it. asc reads only code that is used; tsc has read the rest. */
async function compileAssembly() {
  const filters = readdirSync(join(ROOT, "assembly", "filters")).map(name => `assembly/filters/${name}/index.ts`);
  for (const entry of ["assembly/index.ts", ...filters.filter(path => existsSync(join(ROOT, path)))]) {
    // 235: classes are no exports of a module. They are not meant to be.
    const flags = ["--noEmit", "--optimizeLevel", "0", "--disableWarning", "235"];
    const status = await bin("assemblyscript/bin/asc.js", [entry, "assembly/sdk/callbacks/index.ts", ...flags]);
    if (status !== 0) return status;
  }
  return 0;
}

/** git's list of changes with their content, or "" outside of a repository. */
function changedFiles() {
  if (!existsSync(join(ROOT, ".git"))) return "";
  const git = args => execFileSync("git", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 });
  return git(["status", "--porcelain"]) + git(["diff"]);
}
