import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { parseReference, Registry, readImage, readSourceMap, Session } from "../oci/index.ts";
import { ociWork } from "./oci-work.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly output?: string;
  readonly plainHttp?: boolean;
  readonly withSourceMap?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("pull")
    .description("fetch a module from a registry, by the rules by which Istio finds it")
    .argument("<image>", "oci://HOST[:PORT]/NAME:TAG, or with @DIGEST")
    .option("-o, --output <file>", "where to write the module (default: NAME's last part with .wasm)")
    .option("--plain-http", "the registry speaks HTTP")
    .option("--with-source-map", "also fetch the source map that was pushed with it")
    .option("--json", "print the result as JSON")
    .action((text: string, flags: Flags) =>
      ociWork(async () => {
        const reference = parseReference(text);
        const session = new Session(reference, { plainHttp: flags.plainHttp ?? false, actions: "pull" });
        const registry = new Registry(session);
        await session.open();
        const image = await readImage(registry, reference.digest ?? reference.tag ?? "");
        const map = flags.withSourceMap ? await readSourceMap(registry, image) : null;
        if (flags.withSourceMap && !map) {
          throw new WorkError(`pull: ${text} has no source map; push it with --with-source-map, or pull without that option`);
        }
        const file = flags.output ?? `${reference.name.split("/").at(-1)}.wasm`;
        await write(file, image.wasm);
        if (map) await write(`${file}.map`, map);
        const { digest } = image.manifest;
        if (flags.json) console.log(JSON.stringify({ file, form: image.form, digest, size: image.wasm.length }, null, 2));
        else console.log(`${file}: ${image.wasm.length} bytes, form ${image.form}, manifest ${digest}`);
      }),
    );
}

async function write(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new WorkError(`pull: ${file} cannot be written (${reason}); give another place with -o`, { cause: error });
  }
}
