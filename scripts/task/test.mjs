import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { bin } from "./run.mjs";

/** Builds, runs the specs of assembly/std in as-pect and all others in vitest; arguments go to vitest. */
export async function test(args) {
  const built = await build();
  if (built !== 0) return built;
  const folder = await mkdtemp(join(tmpdir(), "meshwright-test-"));
  try {
    const results = [await asPect(join(folder, "as-pect.json")), await vitest(join(folder, "vitest.json"), args)];
    return summarize(results);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function asPect(file) {
  const status = await bin("@as-pect/cli/lib/test.js", ["--summary", "--no-logo"], { env: { AS_PECT_TOTALS: file } });
  const { passed = 0, failed = 0 } = await readJson(file);
  return { name: "as-pect", status, passed, failed };
}

async function vitest(file, args) {
  // The others (modules of other SDKs, Istio's packages, the Collector) need compilers that not everybody has; they have tasks of their own.
  // Named one by one: of several that are left out, vitest runs each that another one leaves in.
  const projects = args.some(each => each.startsWith("--project")) ? [] : ["build", "envoy", "fuzz"].map(name => `--project=${name}`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const status = await bin("vitest/vitest.mjs", ["run", ...reporters, ...projects, ...args]);
  const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = await readJson(file);
  // A file that cannot be loaded has failed without a single test.
  const brokenFiles = testResults.filter(result => result.status === "failed" && result.assertionResults.length === 0).length;
  return { name: "vitest", status, passed: numPassedTests, failed: numFailedTests + brokenFiles };
}

/** A runner that died has written nothing. */
async function readJson(file) {
  return existsSync(file) ? JSON.parse(await readFile(file, "utf8")) : {};
}

/** The last line of `npm test`, and its exit status. */
function summarize(results) {
  let [passed, failed] = [0, 0];
  for (const result of results) {
    passed += result.passed;
    failed += result.failed;
    if (result.passed + result.failed === 0) console.error(`task: ${result.name} ran no test; see above why`);
    // Such as an error outside of any test: it has to count, or the line below would claim success.
    if (result.status !== 0 && result.failed === 0) failed++;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || results.some(result => result.passed + result.failed === 0) ? 1 : 0;
}
