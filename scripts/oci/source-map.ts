import { type Blob, blobOf, type Descriptor, jsonBlob } from "./blob.ts";
import type { Image } from "./forms.ts";
import { OCI_EMPTY, OCI_MANIFEST, SOURCE_MAP } from "./media-types.ts";

/** A manifest that belongs to an image without being part of it. Spec: OCI image-spec manifest.md, "subject" */
export interface Referrer {
  readonly subject: Descriptor;
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
}

/** The source map as a referrer of both: of what a tag names, and of the manifest whose digest Istio pins, where that is another one. */
export function sourceMapReferrers(map: Uint8Array, name: string, { root, manifest }: Image): Referrer[] {
  const subjects = root.descriptor.digest === manifest.descriptor.digest ? [root] : [root, manifest];
  return subjects.map(({ descriptor }) => sourceMapReferrer(map, name, descriptor));
}

/**
 * The module's source map as a referrer of one manifest.
 * Never a layer: with a third one Istio refuses the artifact.
 */
export function sourceMapReferrer(map: Uint8Array, name: string, to: Descriptor): Referrer {
  const subject = { mediaType: to.mediaType, digest: to.digest, size: to.size };
  const layer = blobOf(SOURCE_MAP, map, { "org.opencontainers.image.title": `${name}.wasm.map` });
  const config = jsonBlob(OCI_EMPTY, {});
  const manifest = jsonBlob(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: SOURCE_MAP,
    config: config.descriptor,
    layers: [layer.descriptor],
    subject,
  });
  return { subject, manifest: { ...manifest, descriptor: { ...manifest.descriptor, artifactType: SOURCE_MAP } }, blobs: [config, layer] };
}
