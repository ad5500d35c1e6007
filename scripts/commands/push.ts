import type { Command } from "commander";
import { type Form, formatReference, makeImage, parseReference, progressBar, pushImage, Registry, Session } from "../oci/index.ts";
import { ociWork, readContent, readReferrers } from "./oci-work.ts";
import { formatOption } from "./package.ts";
import { UsageError } from "./usage-error.ts";

interface Flags {
  readonly format: Form;
  readonly plainHttp?: boolean;
  readonly withSourceMap?: boolean;
  readonly annotations: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("push")
    .description("push a module to a registry, in a form that Istio reads; print the manifest's digest")
    .argument("<file>", "a .wasm file")
    .argument("<image>", "oci://HOST[:PORT]/NAME:TAG")
    .addOption(formatOption())
    .option("--plain-http", "the registry speaks HTTP; the password, if there is one, then travels unencrypted")
    .option("--with-source-map", "also push the .wasm.map beside the module, as a referrer of the image")
    .option("--no-annotations", "leave out what package.json and git say; the digest then depends on the module alone")
    .option("--json", "print the result as JSON")
    .action((file: string, image: string, flags: Flags) => ociWork(() => push(file, image, flags)));
}

async function push(file: string, to: string, flags: Flags): Promise<void> {
  const reference = parseReference(to);
  if (reference.tag === null || reference.digest !== null) {
    throw new UsageError(`push: ${to} must have a tag and no digest, which only comes out of the push; write oci://HOST/NAME:TAG`);
  }
  const content = await readContent(file, flags.annotations);
  const image = makeImage(flags.format, content);
  const referrers = flags.withSourceMap ? await readReferrers(file, content, image) : [];
  const session = new Session(reference, { plainHttp: flags.plainHttp ?? false, actions: "pull,push" });
  const bar = progressBar(process.stderr);
  try {
    await session.open();
    const { uploaded, existing } = await pushImage(new Registry(session), image, reference.tag, referrers, bar.update);
    bar.clear();
    const { digest } = image.manifest.descriptor;
    const root = image.root.descriptor;
    const problem = session.istioProblem;
    const warnings =
      problem === null ? [] : [`Istio 1.30 and later will not pull from ${reference.host}: ${problem}; see docs/packaging.md`];
    const result = {
      image: formatReference(reference),
      form: image.form,
      digest,
      index: root.digest === digest ? null : root.digest,
      pinned: formatReference({ ...reference, digest }),
      sourceMap: referrers[0]?.manifest.descriptor.digest ?? null,
      uploaded,
      existing,
      warnings,
    };
    for (const warning of warnings) console.error(`push: ${warning}`);
    if (flags.json) return console.log(JSON.stringify(result, null, 2));
    console.error(`${result.image}: form ${result.form}, ${uploaded} parts uploaded, ${existing} there already`);
    if (result.index) console.error(`index ${result.index}; Istio compares the manifest's digest:`);
    console.log(digest);
  } finally {
    bar.clear();
  }
}
