import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bundle, declarations } from "./bundle.mjs";
import { istioCrds } from "./istio-crds.mjs";
import { node, ROOT } from "./run.mjs";

/** Bundles the command line, then builds every filter and every example with it; `--force` builds what has not changed, too. */
export async function build(args = []) {
  await bundle();
  // Without them only `meshwright validate` has less to compare with, and says so.
  await istioCrds();
  const status = await declarations();
  return status || modules(undefined, args);
}

/** The filters that examples/mesh runs. */
export const DEMO_FILTERS = ["mesh-telemetry", "tenant-metrics"];

/** Builds the filters that the demo runs, then runs it; arguments go to it. */
export async function demo(args) {
  await bundle();
  return (await modules(DEMO_FILTERS.map(filterEntry))) || program("demo", "examples/mesh/demo.ts", args);
}

/** Builds, then measures; arguments go to the measurement. */
export async function bench(args) {
  await bundle();
  return (await modules()) || node("dist/cli.js", ["bench", ...args]);
}

/** Builds, then runs the W3C's suite against the trace-context filter; arguments go to the runner. */
export async function w3c(args) {
  await bundle();
  return (await modules()) || program("w3c", "host-tests/w3c/run.ts", args);
}

/** Changes a filter in a running Envoy under load; arguments go to the runner, which builds the one module that it needs. */
export async function reload(args) {
  await bundle();
  return program("reload", "host-tests/reload/run.ts", args);
}

/** Writes docs/api.md from the docstrings of the SDK. */
export async function docs() {
  await bundle();
  return program("docs", "scripts/docs/write.ts", []);
}

/** Builds the filters of istio/ and envoy/, then writes the files there; `--check` compares them. */
export async function manifests(args) {
  await bundle();
  return (await modules(filterEntries())) || program("manifests", "scripts/manifest-set/write.ts", args);
}

/** Builds each filter to build/, each example to its own build/. */
function modules(entries = [...filterEntries(), ...entriesIn("examples", "assembly/index.ts")], flags = []) {
  return node("dist/cli.js", ["build", ...flags, ...entries]);
}

const filterEntry = name => `assembly/filters/${name}/index.ts`;
const filterEntries = () => entriesIn("assembly/filters", "index.ts");

function entriesIn(folder, entry) {
  if (!existsSync(join(ROOT, folder))) return [];
  const names = readdirSync(join(ROOT, folder)).sort();
  return names.map(name => `${folder}/${name}/${entry}`).filter(path => existsSync(join(ROOT, path)));
}

function program(name, source, args) {
  if (existsSync(join(ROOT, "dist", `${name}.js`))) return node(`dist/${name}.js`, args);
  console.error(`task: ${name} has no program, because ${source} does not exist; restore it`);
  return 1;
}
