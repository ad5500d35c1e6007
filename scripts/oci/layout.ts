import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Blob, type Descriptor, verified } from "./blob.ts";
import { OciError } from "./errors.ts";
import type { Image } from "./forms.ts";
import { OCI_INDEX } from "./media-types.ts";
import type { Source } from "./source.ts";
import type { Referrer } from "./source-map.ts";

const REF_NAME = "org.opencontainers.image.ref.name";

/**
 * Writes an image as a folder that other tools read too (`skopeo copy oci:DIR:TAG …`). Replaces what index.json named before.
 *
 *     oci-layout   index.json   blobs/sha256/<digest>…
 *
 * Spec: OCI image-spec image-layout.md
 */
export async function writeLayout(folder: string, image: Image, tag: string, referrers: readonly Referrer[]): Promise<void> {
  const attached = referrers.flatMap(({ manifest, blobs }) => [manifest, ...blobs]);
  const named = { ...image.root.descriptor, annotations: { [REF_NAME]: tag } };
  const manifests = [named, ...referrers.map(({ manifest }) => manifest.descriptor)];
  await mkdir(join(folder, "blobs", "sha256"), { recursive: true });
  for (const blob of [...image.blobs, ...image.manifests, image.root, ...attached]) {
    await writeFile(blobFile(folder, blob.descriptor.digest), blob.bytes);
  }
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  // Last, because it makes the rest an image.
  await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
}

/** Reads such a folder, whoever wrote it. */
export function openLayout(folder: string): Source {
  const entries = async (): Promise<readonly Descriptor[]> => {
    const text = new TextDecoder().decode(await read(folder, "index.json"));
    try {
      return (JSON.parse(text) as { manifests?: Descriptor[] }).manifests ?? [];
    } catch (error) {
      throw new OciError("layout", `oci: ${folder}/index.json is not JSON; write the folder again`, { cause: error });
    }
  };
  const blob = async ({ digest }: Pick<Descriptor, "digest">): Promise<Uint8Array> =>
    verified(await readFileOf(folder, digest), { digest }, `oci: ${folder}`);
  return {
    place: folder,
    blob,
    async manifest(reference) {
      const all = await entries();
      const byName = all.find(({ digest, annotations }) => digest === reference || annotations?.[REF_NAME] === reference);
      // A digest may be of a manifest within an index, which index.json does not name.
      const descriptor = byName ?? (reference === "" ? all[0] : undefined);
      if (!descriptor && !reference.startsWith("sha256:")) {
        throw new OciError("missing", `oci: ${folder} has no image${reference && ` "${reference}"`}; meshwright package writes one`);
      }
      return manifestBlob(await blob(descriptor ?? { digest: reference }), descriptor ?? null, reference);
    },
    async referrers({ digest }, artifactType) {
      const candidates = (await entries()).filter(entry => entry.artifactType === artifactType);
      const subjects = await Promise.all(
        candidates.map(async each => JSON.parse(new TextDecoder().decode(await blob(each))).subject?.digest),
      );
      return candidates.filter((_, at) => subjects[at] === digest);
    },
  };
}

function manifestBlob(bytes: Uint8Array, descriptor: Descriptor | null, digest: string): Blob {
  const json = JSON.parse(new TextDecoder().decode(bytes)) as { mediaType?: string };
  return { descriptor: descriptor ?? { mediaType: json.mediaType ?? "", digest, size: bytes.length }, bytes };
}

function blobFile(folder: string, digest: string): string {
  return join(folder, "blobs", ...digest.split(":"));
}

function readFileOf(folder: string, digest: string): Promise<Uint8Array> {
  // The digest comes out of a file and becomes a path.
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new OciError("layout", `oci: ${folder} names "${digest}", which is no sha256 digest`);
  return read(folder, join("blobs", ...digest.split(":")));
}

async function read(folder: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, file));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    const text = `oci: ${join(folder, file)} cannot be read (${reason}); give a folder that meshwright package wrote`;
    throw new OciError("layout", text, { cause: error });
  }
}
