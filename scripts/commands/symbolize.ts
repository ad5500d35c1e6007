import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Command } from "commander";
import { ownProject } from "../build/index.ts";
import { readSourceMap } from "../oci/index.ts";
import { findModule } from "../run/index.ts";
import { belonging, LogSymbolizer, ModuleMap, openMap, SymbolizeError } from "../symbolize/index.ts";
import { ociWork } from "./oci-work.ts";
import { openImage } from "./open-image.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly log?: string;
  readonly image?: readonly string[];
  readonly plainHttp?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("symbolize")
    .description("turn the offsets in Envoy's backtraces into file, line and column; everything else in the log goes through as it is")
    .argument("[file...]", ".wasm or .wasm.map files, or names of built filters; several when the log is of several filters")
    .option("--log <file>", "Envoy's log (default: standard input)")
    .option(
      "--image <image>",
      "take the source map that travels with it: oci://HOST[:PORT]/NAME:TAG or @DIGEST, or a folder that package wrote; repeatable",
      collect,
    )
    .option("--plain-http", "the registry speaks HTTP")
    .option("--json", "print the backtraces alone, as JSON")
    .action((files: string[], flags: Flags) => ociWork(() => symbolize(files, flags)));
}

async function symbolize(files: readonly string[], flags: Flags): Promise<void> {
  const { image: images = [] } = flags;
  if (files.length + images.length === 0) {
    throw new UsageError("symbolize: whose backtraces? Give a .wasm or .wasm.map file, the name of a built filter, or --image oci://…");
  }
  if (flags.log === undefined && process.stdin.isTTY) {
    throw new UsageError(
      "symbolize: there is no log; give it as --log FILE, or on standard input, as in: kubectl logs POD | meshwright symbolize …",
    );
  }
  const maps = [...files.map(openFile), ...(await Promise.all(images.map(image => openMapOf(image, flags.plainHttp ?? false))))];
  const log = new LogSymbolizer(maps);
  await eachLine(flags.log, line => {
    const text = log.line(line);
    if (!flags.json) process.stdout.write(`${text}\n`);
  });
  if (flags.json) console.log(JSON.stringify(log.backtraces, null, 2));
  sayWhatWasLeft(log, maps);
}

function openFile(asked: string): ModuleMap {
  try {
    return openMap(asked.endsWith(".map") ? asked : findModule(asked, [process.cwd(), ownProject().folder], "symbolize").file);
  } catch (error) {
    throw new WorkError((error as Error).message, { cause: error });
  }
}

async function openMapOf(text: string, plainHttp: boolean): Promise<ModuleMap> {
  const { source, image } = await openImage(text, { plainHttp });
  const map = await readSourceMap(source, image);
  if (!map)
    throw new WorkError(`symbolize: ${text} has no source map; push with --with-source-map, or give the .wasm.map file of that build`);
  try {
    return belonging(new ModuleMap(new TextDecoder().decode(map), text), image.wasm, `the module in ${text}`);
  } catch (error) {
    throw error instanceof SymbolizeError ? new WorkError(error.message, { cause: error }) : error;
  }
}

async function eachLine(file: string | undefined, take: (line: string) => void): Promise<void> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  // Whoever reads our output may have seen enough: `meshwright symbolize … | head`.
  process.stdout.on("error", () => process.exit(0));
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) take(line);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new WorkError(`symbolize: ${file ?? "standard input"} cannot be read (${reason}); give Envoy's log as --log FILE`, {
      cause: error,
    });
  }
}

/** A log of another build must not look as if there were nothing to find. */
function sayWhatWasLeft({ backtraces, foreign }: LogSymbolizer, maps: readonly ModuleMap[]): void {
  const [first] = foreign;
  if (!first) {
    if (backtraces.length === 0) console.error("symbolize: the log has no backtrace of a Wasm filter");
    return;
  }
  const modules = maps.map(({ module }) => `${module.name} ${module.version}, sha256 ${module.sha256.slice(0, 12)}…`).join("; ");
  const example = `such as 0x${first.offset.toString(16)} - ${first.name}`;
  const text = `symbolize: ${foreign.length} frames (${example}) are not of ${modules}; they are of another filter, or of another build of this one`;
  if (backtraces.length > 0) console.error(`${text}, and stay as they are`);
  else throw new WorkError(`${text}. Give the map of the build that runs: --image with the digest of the manifest is the surest way`);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
