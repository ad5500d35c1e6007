import { type Blob, blobOf, type Descriptor, jsonBlob } from "./blob.ts";
import { OCI_EMPTY, OCI_MANIFEST, SOURCE_MAP } from "./media-types.ts";

/** A manifest that belongs to an image without being part of it. Spec: OCI image-spec manifest.md, "subject" */
export interface Referrer {
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
}

/**
 * The module's source map as a referrer of the image that has the given root.
 * Never a layer: with a third one Istio refuses the artifact.
 */
export function sourceMapReferrer(map: Uint8Array, name: string, { mediaType, digest, size }: Descriptor): Referrer {
  const layer = blobOf(SOURCE_MAP, map, { "org.opencontainers.image.title": `${name}.wasm.map` });
  const config = jsonBlob(OCI_EMPTY, {});
  const manifest = jsonBlob(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: SOURCE_MAP,
    config: config.descriptor,
    layers: [layer.descriptor],
    subject: { mediaType, digest, size },
  });
  return { manifest: { ...manifest, descriptor: { ...manifest.descriptor, artifactType: SOURCE_MAP } }, blobs: [config, layer] };
}
