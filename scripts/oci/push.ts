import type { Blob } from "./blob.ts";
import type { Image } from "./forms.ts";
import type { Registry } from "./registry.ts";
import type { Referrer } from "./source-map.ts";
import type { Progress } from "./upload.ts";

/** How many blobs went over the wire. */
export interface Pushed {
  readonly uploaded: number;
  readonly existing: number;
}

/**
 * Pushes an image. The tag comes last of all, so it never names something of which a part is missing, whatever breaks before.
 *
 *     blobs → manifests by digest → what refers to the image → tag
 */
export async function pushImage(
  registry: Registry,
  image: Image,
  tag: string,
  referrers: readonly Referrer[],
  progress: Progress,
): Promise<Pushed> {
  const blobs = unique([...image.blobs, ...referrers.flatMap(({ blobs }) => blobs)]);
  let uploaded = 0;
  for (const blob of blobs) if ((await registry.upload(blob, progress)) === "uploaded") uploaded++;
  for (const manifest of image.manifests) await registry.putManifest(manifest, null);
  for (const { manifest, subject } of referrers) await registry.putReferrer(manifest, subject);
  await registry.putManifest(image.root, tag);
  return { uploaded, existing: blobs.length - uploaded };
}

function unique(blobs: readonly Blob[]): Blob[] {
  return [...new Map(blobs.map(blob => [blob.descriptor.digest, blob])).values()];
}
