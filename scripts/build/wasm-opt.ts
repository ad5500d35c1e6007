import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { withScratchFolder } from "../leftovers/index.ts";
import { BuildError } from "./errors.ts";
import type { Artifact, Job, Step } from "./step.ts";

// What asc enables by default; binaryen assumes less when a module does not say.
const FEATURES = ["bulk-memory", "mutable-globals", "nontrapping-float-to-int", "sign-ext"].map(name => `--enable-${name}`);

/**
 * A function with one caller stays a function when it is larger than this: inlined, what a callback does once in a while, such as telling
 * configurations apart, costs it registers at every request. Measured: 0.7 % of a request's instructions between 150 and no limit.
 */
const COLD = 150;

/**
 * Small functions of the standard library that many call. The optimiser would put them into every caller, for a speed that is worth it on a
 * request's path only, and a path that is to be fast has neither strings nor arrays that grow. Measured: 3.5 % of a module's size.
 */
const SHARED = [
  "~lib/string/String#get:length",
  "~lib/string/String#char*",
  "~lib/string/String.__*",
  "~lib/*#__get",
  "~lib/*#__set",
  "~lib/*#push",
  "~lib/staticarray/StaticArray*#get:length",
  "~lib/rt/tcms/Object#*",
  "~lib/rt/tlsf/prepareSize",
  "~lib/rt/tlsf/computeSize",
];

/**
 * Filters of other SDKs handle text and bytes on the path of every request. Reading an element of an array, with the check of its index, is a function of
 * just this size, which the optimiser leaves alone because it calls `abort`. Measured: 29 % of a request's instructions where a signature is
 * verified, 2 % where text is rewritten, for 2 to 5 % of a module's size.
 */
const ELEMENT = 24;

/**
 * Optimises; asc only compiles.
 *
 * It runs the command of the binaryen package and not its API, because only the command carries a source map through.
 */
export const wasmOpt: Step = {
  name: "wasm-opt",
  async run(artifact, job): Promise<Artifact> {
    if (job.debug) return artifact;
    try {
      return await withScratchFolder(tmpdir(), "meshwright-", folder => optimize(folder, artifact, job));
    } catch (error) {
      const { syscall, code } = error as NodeJS.ErrnoException;
      if (syscall === undefined) throw error;
      throw new BuildError("optimize", `wasm-opt: nothing can be written to ${tmpdir()} (${code}); set TMPDIR to a folder with space`, {
        cause: error,
      });
    }
  },
};

async function optimize(folder: string, artifact: Artifact, { entry, fileName }: Job): Promise<Artifact> {
  const [inFile, outFile] = [join(folder, "in.wasm"), join(folder, "out.wasm")];
  await writeFile(inFile, artifact.wasm);
  await writeFile(`${inFile}.map`, artifact.sourceMap);
  const flags = [
    ...(artifact.compat ? [`--always-inline-max-function-size=${ELEMENT}`] : SHARED.map(name => `--no-inline=${name}`)),
    ...["-O3", `--one-caller-inline-max-function-size=${COLD}`],
    // Once more for size, with all functions where they are. A filter of another SDK that verifies signatures loses 3 % of its speed by it for 0.4 % of its bytes.
    ...(artifact.compat ? [] : ["--no-inline=*", "-Oz"]),
    ...["--debuginfo", ...FEATURES],
    `--input-source-map=${inFile}.map`,
    `--output-source-map=${outFile}.map`,
    `--output-source-map-url=./${fileName}.map`,
  ];
  try {
    await promisify(execFile)(process.execPath, [wasmOptCommand(), inFile, ...flags, "-o", outFile]);
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const text = `wasm-opt: ${entry.name} cannot be optimised: ${stderr?.trim() || (error as Error).message}`;
    throw new BuildError("optimize", `${text}; build with --debug to see whether the module itself works`, { cause: error });
  }
  return { ...artifact, wasm: await readFile(outFile), sourceMap: await readFile(`${outFile}.map`, "utf8") };
}

function wasmOptCommand(): string {
  const packageFile = createRequire(import.meta.url).resolve("binaryen/package.json");
  return join(dirname(packageFile), "bin", "wasm-opt");
}
