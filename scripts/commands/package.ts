import { type Command, Option } from "commander";
import { FORMS, type Form, isTag, makeImage, OciError, writeLayout } from "../oci/index.ts";
import { ociWork, readContent, readReferrers } from "./oci-work.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly output: string;
  readonly format: Form;
  readonly tag: string;
  readonly withSourceMap?: boolean;
  readonly annotations: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("package")
    .description("write a module as an image into a folder (OCI layout)")
    .argument("<file>", "a .wasm file")
    .requiredOption("-o, --output <dir>", "the folder to write")
    .addOption(formatOption())
    .option("--tag <tag>", "the image's name in the folder", "latest")
    .option("--with-source-map", "also write the .wasm.map beside the module, as a referrer of the image")
    .option("--no-annotations", "leave out what package.json and git say; the digest then depends on the module alone")
    .option("--json", "print the result as JSON")
    .action((file: string, flags: Flags) =>
      ociWork(async () => {
        if (!isTag(flags.tag)) {
          throw new UsageError(`package: "${flags.tag}" is no name for an image: letters, digits, and . _ - between them`);
        }
        const content = await readContent(file, flags.annotations);
        const image = makeImage(flags.format, content);
        const referrers = flags.withSourceMap ? await readReferrers(file, content, image) : [];
        await writeLayout(flags.output, image, flags.tag, referrers).catch((error: NodeJS.ErrnoException) => {
          if (error.code === undefined || error instanceof OciError) throw error;
          throw new WorkError(`oci: ${flags.output} cannot be written (${error.code}); give a folder, or a name for a new one`, {
            cause: error,
          });
        });
        const { digest } = image.manifest.descriptor;
        const root = image.root.descriptor;
        const index = root.digest === digest ? null : root.digest;
        const sourceMap = referrers[0]?.manifest.descriptor.digest ?? null;
        if (flags.json) {
          console.log(JSON.stringify({ folder: flags.output, tag: flags.tag, form: image.form, digest, index, sourceMap }, null, 2));
        } else {
          console.error(`${flags.output}: ${content.name}, form ${image.form}, tag ${flags.tag}${index ? `, index ${index}` : ""}`);
          console.log(digest);
        }
      }),
    );
}

/** The same for everything that makes an image. */
export function formatOption(): Option {
  const text = "an artifact, an OCI image or a Docker image; Istio reads all three";
  return new Option("--format <form>", text).choices(FORMS).default("oci" satisfies Form);
}
