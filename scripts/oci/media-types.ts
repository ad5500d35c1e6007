/**
 * Media types by which registries and Istio tell the parts of an image apart.
 * Spec: OCI image-spec media-types.md, Docker image manifest v2 schema 2, and the Wasm image specification that Istio follows.
 */
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
export const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
/** The config of an artifact, which has none: two bytes, `{}`. */
export const OCI_EMPTY = "application/vnd.oci.empty.v1+json";

export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
export const DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
export const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
export const DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";

export const WASM_CONFIG = "application/vnd.module.wasm.config.v1+json";
export const WASM_CONTENT = "application/vnd.module.wasm.content.layer.v1+wasm";

/** The source map that refers to an image; Istio never looks at it. */
export const SOURCE_MAP = "application/vnd.meshwright.source-map.v1+json";

/** What a request for a manifest accepts. Without it a registry may convert to a form that nobody pushed. */
export const ANY_MANIFEST = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_INDEX].join(", ");

export function isIndex(mediaType: string): boolean {
  return mediaType === OCI_INDEX || mediaType === DOCKER_INDEX;
}
