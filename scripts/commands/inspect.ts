import { createHash } from "node:crypto";
import type { Command } from "commander";
import { type ReadImage, readSourceMap } from "../oci/index.ts";
import { identityOf, ociWork } from "./oci-work.ts";
import { openImage } from "./open-image.ts";
import { UsageError } from "./usage-error.ts";

interface Flags {
  readonly plainHttp?: boolean;
  readonly tag?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("inspect")
    .description("say what an image holds, and whether Istio finds a module in it")
    .argument("<image>", "oci://HOST[:PORT]/NAME:TAG, or a folder that package wrote")
    .option("--plain-http", "the registry speaks HTTP")
    .option("--tag <tag>", "which image of a folder (default: the first)")
    .option("--json", "print it as JSON")
    .action((place: string, flags: Flags) =>
      ociWork(async () => {
        refuseStrangers(place, flags);
        const { source, image } = await openImage(place, flags);
        const found = describe(image, (await readSourceMap(source, image)) !== null);
        console.log(flags.json ? JSON.stringify(found, null, 2) : table(found).join("\n"));
      }),
    );
}

/** Options that say nothing about a place of this kind. */
function refuseStrangers(place: string, { plainHttp, tag }: Flags): void {
  const isFolder = !place.includes("://");
  if (isFolder && plainHttp) throw new UsageError("inspect: --plain-http is for registries; leave it out, or begin with oci://");
  if (!isFolder && tag !== undefined) throw new UsageError(`inspect: --tag is for folders; write oci://…:${tag}`);
}

interface Found {
  readonly form: string;
  readonly digest: string;
  readonly index: string | null;
  readonly mediaType: string;
  readonly layers: readonly { mediaType: string; digest: string; size: number }[];
  readonly module: { readonly name: string | null; readonly version: string | null; readonly size: number; readonly sha256: string };
  readonly sourceMap: boolean;
  readonly annotations: Readonly<Record<string, string>>;
}

function describe({ form, root, manifest, layers, annotations, wasm }: ReadImage, sourceMap: boolean): Found {
  const identity = identityOf(wasm);
  return {
    form,
    digest: manifest.digest,
    index: root.digest === manifest.digest ? null : root.digest,
    mediaType: manifest.mediaType,
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    module: {
      name: identity?.name ?? null,
      version: identity?.version ?? null,
      size: wasm.length,
      sha256: createHash("sha256").update(wasm).digest("hex"),
    },
    sourceMap,
    annotations,
  };
}

function table({ form, digest, index, mediaType, layers, module, sourceMap, annotations }: Found): string[] {
  const rows: [string, string][] = [
    ["form", `${form} (${mediaType})`],
    ["digest", digest],
    ...(index === null ? [] : [["index", index] satisfies [string, string]]),
    ["module", `${module.name ?? "unnamed"} ${module.version ?? ""}, ${module.size} bytes, sha256 ${module.sha256}`],
    ...layers.map((layer): [string, string] => ["layer", `${layer.mediaType}, ${layer.size} bytes, ${layer.digest}`]),
    ["source map", sourceMap ? "yes, as a referrer" : "no"],
    ...Object.entries(annotations),
  ];
  const width = Math.max(...rows.map(([key]) => key.length));
  return rows.map(([key, value]) => `${key.padEnd(width)}  ${value}`);
}
