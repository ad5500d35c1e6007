import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { type Adaptation, adapt, readComplaints, sameAdaptation } from "./compat/adapt.ts";
import { appendInPlace } from "./compat/appends.ts";
import { adaptHigress, looksHigress } from "./compat/higress.ts";
import {
  CompatFound,
  compatGlobals,
  compatNote,
  compatWrapper,
  findStandIn,
  inAssembly,
  type StandIn,
  standInText,
  unknownFile,
} from "./compat/packages.ts";
import { asc as compiler } from "./compiler.ts";
import { BuildError } from "./errors.ts";
import { explain } from "./explain.ts";
import { runForeign } from "./foreign-transforms.ts";
import { FramesNeeded, KEEP_FRAMES } from "./garbage/index.ts";
import { OWN_SDK } from "./own-sdk.ts";
import type { Artifact, Job } from "./step.ts";
import MeshwrightTransform from "./transform.ts";
import { hash, type Sources } from "./up-to-date.ts";
import { loadTransforms } from "./user-transforms.ts";

/** The compiler's version, for the record. */
export const ASC_VERSION: string = compiler.version;

/** One run of the compiler, and how it takes imports of the packages that compat stands in for. */
interface Attempt {
  readonly job: Job;
  /** `look` until one is found, `use` to compile with compat's callbacks instead of the SDK's, `off` to leave the packages alone. */
  readonly compat: "look" | "use" | "off";
  /** Whether it is Higress' that was found. */
  readonly higress: boolean;
  /** What to change in sources for an older compiler. */
  readonly adaptation: Adaptation | null;
  readonly transforms: Transforms;
  /** Whether the filter has loops that collect garbage; known once it is compiled without. */
  readonly keepsFrames: boolean;
}

/** The project's transforms, as today's compiler takes them. */
interface Transforms {
  readonly usable: readonly object[];
  /** Files that the others have changed. */
  readonly texts: ReadonlyMap<string, string>;
}

/** What the compiler said when it refused a program. */
class Refused extends Error {
  readonly messages: string;

  constructor(messages: string, cause: Error) {
    super(cause.message, { cause });
    this.messages = messages;
  }
}

/** Compiles the entry's wrapper to a module with names and a source map; a filter for one of compat's packages with compat's callbacks. */
export async function compile(job: Job): Promise<Artifact> {
  const readText = (file: string): Promise<string | null> => read(file, job.sources);
  const texts = new Map<string, string>();
  const { usable, problems } = await loadTransforms(job.entry, readText, each => runForeign(each, job.entry, texts, readText));
  const transforms: Transforms = { usable, texts };
  const first: Attempt = { job, compat: job.compat ? "look" : "off", higress: false, adaptation: null, transforms, keepsFrames: false };
  const outcome = await attempt(first).catch((error: Error) => error);
  if (outcome instanceof CompatFound) return compileWithCompat(job, outcome.standIn, transforms, problems);
  // Without them it is another program, whatever the compiler says of it.
  if (problems.length > 0) throw new BuildError("transform", problems.join("\n"));
  if (outcome instanceof Error) throw outcome instanceof Refused ? compileError(job, outcome) : outcome;
  return outcome;
}

/** What it means for a filter that was written for a transform. */
const WITHOUT =
  "what it adds to classes is missing, and the filter may abort where it is used; it runs beside the assemblyscript that it is written for, which npm install brings when the filter's package.json names it";

/** Sources for older compilers are adapted only when the compiler has refused them; it may have more to say once it gets further. */
async function compileWithCompat(job: Job, standIn: StandIn, found: Transforms, problems: readonly string[]): Promise<Artifact> {
  job.warn(compatNote(job.entry, standIn));
  let transforms = found;
  for (const problem of problems) job.warn(`${problem}; ${WITHOUT}`);
  let adaptation: Adaptation | null = null;
  for (;;) {
    try {
      return await attempt({
        job,
        compat: "use",
        higress: standIn.package.startsWith("@higress/"),
        adaptation,
        transforms,
        keepsFrames: false,
      });
    } catch (error) {
      if (error instanceof BuildError && error.code === "transform") {
        // One for a compiler of its time.
        job.warn(`${error.message}; ${WITHOUT}`);
        transforms = { ...transforms, usable: [] };
        continue;
      }
      if (!(error instanceof Refused)) throw error;
      const next: Adaptation = readComplaints(error.messages, adaptation);
      if (adaptation !== null && sameAdaptation(adaptation, next)) throw compileError(job, error);
      adaptation = next;
    }
  }
}

async function attempt(options: Attempt): Promise<Artifact> {
  try {
    return await run(options);
  } catch (error) {
    if (error instanceof FramesNeeded) return run({ ...options, keepsFrames: true });
    throw error;
  }
}

async function run(options: Attempt): Promise<Artifact> {
  const { job, compat, transforms, keepsFrames } = options;
  const written = new Map<string, string | Uint8Array>();
  const messages = compiler.createMemoryStream();
  const transform = new MeshwrightTransform();
  transform.keepsChecks = job.debug;
  transform.keepsFrames = keepsFrames;
  const { error } = await compiler.main([...arguments_(job, compat), ...(keepsFrames ? KEEP_FRAMES : [])], {
    stdout: messages,
    stderr: messages,
    readFile: (path, base) => readSource(path, base, options),
    writeFile: (path, contents) => {
      written.set(basename(path), contents);
    },
    listFiles: () => [],
    transforms: [...transforms.usable, transform],
  });
  if (error instanceof BuildError || error instanceof CompatFound || error instanceof FramesNeeded) throw error;
  if (error && transforms.usable.length > 0 && !DIAGNOSED.test(error.message)) {
    const what = `build: a transform that asconfig.json of ${job.entry.name} names failed`;
    throw new BuildError("transform", `${what}: ${error.message.split("\n")[0]}`, { cause: error });
  }
  if (error) throw new Refused(messages.toString(), error);
  // asc also reports that its last round of optimisation did not pay; it has thrown that round away.
  const text = messages
    .toString()
    .replace(/^Last converge was suboptimal\.$/gm, "")
    .trim();
  // Filters of older SDKs export their classes, and nothing is wrong with that.
  if (text !== "" && compat !== "use") job.warn(text);
  for (const warning of transform.warnings) job.warn(warning);
  const wasm = written.get(job.fileName);
  const sourceMap = written.get(`${job.fileName}.map`);
  if (!(wasm instanceof Uint8Array) || typeof sourceMap !== "string") throw new Error(`asc wrote ${[...written.keys()].join(", ")} only`);
  return { wasm, sourceMap, compat: compat === "use" };
}

/** The compiler's own words for errors that it has told of. */
const DIAGNOSED = /^\d+ \w+ error\(s\)$/;

function arguments_({ entry, fileName }: Job, compat: Attempt["compat"]): string[] {
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
    ...(compat === "use" ? compatGlobals(entry) : []),
    "--noColors",
  ];
}

async function readSource(path: string, base: string, { job, compat, higress, adaptation, transforms }: Attempt): Promise<string | null> {
  const { entry, sources } = job;
  if (path === entry.wrapper.path) return compat === "use" ? compatWrapper(entry) : entry.wrapper.text;
  // The flags above are the build; an asconfig.json serves editors and plain asc.
  if (path === "asconfig.json") return null;
  const file = resolve(base, path);
  const standIn = compat === "off" ? null : findStandIn(file);
  if (standIn) {
    if (standIn.target === null) throw unknownFile(entry, standIn);
    if (compat === "look") throw new CompatFound(standIn);
    return standInText(standIn.target, name => read(resolve(entry.sdk.folder, "assembly", `${name}.ts`), sources));
  }
  let text = transforms.texts.get(file) ?? (await read(file, sources)) ?? (await readOwnSdk(file, entry.sdk.folder, sources));
  if (text === null && compat === "use") text = await readOldPackage(file, sources);
  if (text === null || OWN_SDK.test(file)) return text;
  if (higress && looksHigress(text)) text = adaptHigress(text, path);
  if (adaptation !== null) text = adapt(text, path, adaptation);
  return compat === "use" ? appendInPlace(text, path) : text;
}

/** Serves the running package's SDK to a project that has not installed it. */
async function readOwnSdk(file: string, sdkFolder: string, sources: Sources): Promise<string | null> {
  const match = OWN_SDK.exec(file);
  return match?.[1] ? read(resolve(sdkFolder, match[1]), sources) : null;
}

/** Compilers up to 0.18 found the files of a package in its folder `assembly`. */
async function readOldPackage(file: string, sources: Sources): Promise<string | null> {
  const moved = inAssembly(file);
  return moved && (await read(moved.file, sources)) !== null ? `export * from "${moved.name}";\n` : null;
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

function compileError({ entry }: Job, { messages, message, cause }: Refused): BuildError {
  // Only an entry that imports nothing has the callbacks compiled before what they are made of.
  const places = [...messages.matchAll(/\bin (\S+)\(\d+,\d+\)/g)].map(([, place = ""]) => place);
  if (places.length > 0 && places.every(place => place.startsWith(`${entry.sdkPath}/`)) && /TS2448/.test(messages)) {
    const what = `build: ${entry.name}: the entry imports nothing of meshwright/assembly and registers no filter`;
    return new BuildError("no-filter", `${what}; end it with registerHttpFilter<…>("${entry.name}") or one of its like`, { cause });
  }
  const text = messages.replace(/^FAILURE .*$/m, "").trim() || message;
  return new BuildError("compile", `asc: ${entry.name} does not compile; correct this:\n${explain(text)}`, { cause });
}
