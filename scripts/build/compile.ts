import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { asc as compiler } from "./compiler.ts";
import { BuildError } from "./errors.ts";
import type { Artifact, Job } from "./step.ts";
import MeshwrightTransform from "./transform.ts";
import { hash, type Sources } from "./up-to-date.ts";

/** The compiler's version, for the record. */
export const ASC_VERSION: string = compiler.version;

/** Compiles the entry's wrapper to a module with names and a source map. */
export async function compile(job: Job): Promise<Artifact> {
  const written = new Map<string, string | Uint8Array>();
  const messages = compiler.createMemoryStream();
  const transform = new MeshwrightTransform();
  transform.keepsChecks = job.debug;
  const { error } = await compiler.main(arguments_(job), {
    stdout: messages,
    stderr: messages,
    readFile: (path, base) => readSource(path, base, job),
    writeFile: (path, contents) => {
      written.set(basename(path), contents);
    },
    listFiles: () => [],
    transforms: [transform],
  });
  if (error) throw error instanceof BuildError ? error : compileError(job, messages.toString(), error);
  // asc also reports that its last round of optimisation did not pay; it has thrown that round away.
  const text = messages
    .toString()
    .replace(/^Last converge was suboptimal\.$/gm, "")
    .trim();
  if (text !== "") job.warn(text);
  const wasm = written.get(job.fileName);
  const sourceMap = written.get(`${job.fileName}.map`);
  if (!(wasm instanceof Uint8Array) || typeof sourceMap !== "string") throw new Error(`asc wrote ${[...written.keys()].join(", ")} only`);
  return { wasm, sourceMap };
}

function arguments_({ entry, fileName }: Job): string[] {
  return [
    entry.wrapper.path,
    ...["--baseDir", entry.project.folder],
    ...["--outFile", fileName],
    ...["--sourceMap", `./${fileName}.map`],
    // wasm-opt does it all, in one go: its inlining has to see code that asc has not inlined yet.
    ...["--optimizeLevel", "0"],
    // Names: without the name section Envoy prints no backtrace.
    "--debug",
    ...["--runtime", "minimal"],
    // Envoy crashes on a start section.
    ...["--exportStart", "_initialize"],
    ...["--use", `abort=${entry.sdkPath}/abort/abort`],
    "--noColors",
  ];
}

async function readSource(path: string, base: string, { entry, sources }: Job): Promise<string | null> {
  if (path === entry.wrapper.path) return entry.wrapper.text;
  // The flags above are the build; an asconfig.json serves editors and plain asc.
  if (path === "asconfig.json") return null;
  const file = resolve(base, path);
  return (await read(file, sources)) ?? (await readOwnSdk(file, entry.sdk.folder, sources));
}

/** Serves the running package's SDK to a project that has not installed it. */
async function readOwnSdk(file: string, sdkFolder: string, sources: Sources): Promise<string | null> {
  const match = /[\\/]node_modules[\\/]meshwright[\\/](.*)$/.exec(file);
  return match?.[1] ? read(resolve(sdkFolder, match[1]), sources) : null;
}

async function read(file: string, sources: Sources): Promise<string | null> {
  const text = await readText(file);
  sources.set(file, text === null ? null : hash(text));
  return text;
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    // asc asks for several candidates before it finds the one that exists.
    if (["ENOENT", "EISDIR", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

function compileError({ entry }: Job, messages: string, cause: Error): BuildError {
  const text = messages.replace(/^FAILURE .*$/m, "").trim() || cause.message;
  return new BuildError("compile", `asc: ${entry.name} does not compile; correct this:\n${text}`, { cause });
}
