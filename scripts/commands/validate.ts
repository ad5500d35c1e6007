import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { ownProject } from "../build/index.ts";
import { parseReference, Registry, readImage, Session } from "../oci/index.ts";
import { type Crds, formatProblem, loadCrds, type Report, validate } from "../validate/index.ts";
import { findModules } from "./find-modules.ts";
import { ociWork } from "./oci-work.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly module: readonly string[];
  readonly pull?: boolean;
  readonly plainHttp?: boolean;
  readonly istioVersion?: string;
  readonly envoyVersion?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("validate")
    .description(
      "check manifests of Istio and Envoy against Istio's schemas, what Istio leaves out without a word, and the filters' own schemas",
    )
    .argument("<file...>", "YAML files, folders of them, or - for standard input")
    .option("--module <file>", "a .wasm file to compare configurations with, beside those in build/; may be repeated", collect, [])
    .option("--pull", "fetch the modules of oci:// URLs and compare with those")
    .option("--plain-http", "the registries speak HTTP")
    .option("--istio-version <version>", "the oldest one in the mesh: also tell what it has not", version)
    .option("--envoy-version <version>", "also tell what this one has not", version)
    .option("--json", "print the result as JSON")
    .action((paths: string[], flags: Flags) => ociWork(() => run(paths, flags)));
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  const own = ownProject().folder;
  const loaded = loadCrds(own);
  const crds = (): Crds => {
    if (loaded) return loaded;
    const next = "install Go and run npm run build, or take the published package";
    throw new WorkError(`validate: this build has no schemas of Istio; ${next}`);
  };
  const files = filesIn(paths).map(file => ({ file: file === "-" ? "standard input" : file, text: read(file) }));
  const pull = flags.pull ? (reference: string) => pullModule(reference, flags.plainHttp ?? false) : null;
  const findModule = findModules("validate", { files: flags.module, folders: [process.cwd(), own], pull });
  const versions = { istio: flags.istioVersion ?? null, envoy: flags.envoyVersion ?? null };
  const report = await validate(files, { crds, versions, findModule });
  const schemas = loaded?.source ?? null;
  if (flags.json) console.log(JSON.stringify({ schemas, ...report }, null, 2));
  else print(report, schemas);
  if (report.checked.length + report.problems.length + report.notes.length === 0)
    throw new UsageError(`validate: there is no document in ${files.map(({ file }) => file).join(", ")}; nothing was checked`);
  if (report.problems.some(({ severity }) => severity === "error")) throw new WorkError("");
}

function print({ problems, checked, notes }: Report, schemas: string | null): void {
  for (const problem of problems) console.log(formatProblem(problem));
  for (const note of notes) console.error(note);
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
  const summary = `${count(checked.length, "document")}, ${count(errors, "error")}, ${count(problems.length - errors, "warning")}`;
  console.error(`validate: ${summary}${schemas ? `; schemas of ${schemas}` : ""}`);
}

function filesIn(paths: readonly string[]): string[] {
  const files = paths.flatMap(path => {
    if (path === "-") return [path];
    try {
      if (!statSync(path).isDirectory()) return [path];
    } catch (error) {
      throw new UsageError(`validate: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}); give a YAML file or a folder`, {
        cause: error,
      });
    }
    const found = readdirSync(path, { recursive: true, encoding: "utf8" }).filter(
      name => /\.ya?ml$/.test(name) && !/node_modules/.test(name),
    );
    if (found.length === 0) throw new UsageError(`validate: ${path} has no .yaml or .yml file; give another folder`);
    return found.sort().map(name => join(path, name));
  });
  return [...new Set(files)];
}

function read(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new UsageError(`validate: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}); give a YAML file`, { cause: error });
  }
}

async function pullModule(text: string, plainHttp: boolean): Promise<Uint8Array> {
  const reference = parseReference(text);
  const session = new Session(reference, { plainHttp, actions: "pull" });
  const registry = new Registry(session);
  await session.open();
  const image = await readImage(registry, reference.digest ?? reference.tag ?? "latest");
  return image.wasm;
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function version(value: string): string {
  if (!/^\d+\.\d+(\.\d+)?$/.test(value)) throw new InvalidArgumentError("Give a version like 1.31.");
  return value;
}
