import { type Annotations, type Blob, blobOf, type Descriptor, digestOf, jsonBlob, type Platform } from "./blob.ts";
import { OciError } from "./errors.ts";
import { storedGzip } from "./gzip.ts";
import * as type from "./media-types.ts";
import { tarOf } from "./tar.ts";

/** The three forms of an image in which Istio finds a module. */
export const FORMS = ["oci", "compat", "docker"] as const;
export type Form = (typeof FORMS)[number];

/** What an image is made of. */
export interface Content {
  readonly wasm: Uint8Array;
  /** The filter's name. */
  readonly name: string;
  /** As the Wasm image specification writes them: `v0.2.1`. */
  readonly abiVersions: readonly string[];
  readonly annotations: Annotations;
}

/** An image, ready to be written or pushed. */
export interface Image {
  readonly form: Form;
  /** What a tag names: an index, or the one manifest. */
  readonly root: Blob;
  /** The manifest that Istio reads, and whose digest it compares with `sha256`. The same as `root` where there is no index. */
  readonly manifest: Blob;
  /** All manifests except `root`. */
  readonly manifests: readonly Blob[];
  /** Layers and configs, each once. */
  readonly blobs: readonly Blob[];
}

/** The file's name in an image; Istio looks for it. */
export const MODULE_FILE = "plugin.wasm";
export const LARGEST_MODULE = 256 * 2 ** 20;

const TITLE = "org.opencontainers.image.title";
const CREATED = "org.opencontainers.image.created";
/** Istio takes linux/amd64 out of an index and nothing else, on every node; so it comes first. */
const PLATFORMS: readonly Platform[] = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64" },
];

/** Makes the image. The same content makes the same bytes, on every machine. */
export function makeImage(form: Form, content: Content): Image {
  checkModule(content.wasm);
  return form === "oci" ? artifact(content) : containerImage(form, content);
}

/** Exactly two layers, because Istio refuses one and three. No index: an artifact has no platform, and every node takes the one manifest. */
function artifact({ wasm, name, abiVersions, annotations }: Content): Image {
  const runtimeConfig = { type: "envoy_proxy", abiVersions, config: { rootIds: [name] } };
  const config = jsonBlob(type.WASM_CONFIG, runtimeConfig, { [TITLE]: "runtime-config.json" });
  const module = blobOf(type.WASM_CONTENT, wasm, { [TITLE]: MODULE_FILE });
  // Not the empty config that fits an artifact better: skopeo and registries with a list of known types refuse that.
  const imageConfig = jsonBlob(type.OCI_CONFIG, {
    architecture: "wasm",
    os: "unknown",
    config: {},
    rootfs: { type: "layers", diff_ids: [config.descriptor.digest, module.descriptor.digest] },
  });
  const manifest = jsonBlob(type.OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: type.OCI_MANIFEST,
    artifactType: type.WASM_CONFIG,
    config: imageConfig.descriptor,
    layers: [config.descriptor, module.descriptor],
    annotations,
  });
  return { form: "oci", root: manifest, manifest, manifests: [], blobs: [imageConfig, config, module] };
}

/** One layer with the module as a file, in a manifest for each platform. Only the config's architecture differs between those. */
function containerImage(form: "compat" | "docker", { wasm, annotations }: Content): Image {
  const types =
    form === "compat"
      ? { manifest: type.OCI_MANIFEST, config: type.OCI_CONFIG, layer: type.OCI_LAYER, index: type.OCI_INDEX }
      : { manifest: type.DOCKER_MANIFEST, config: type.DOCKER_CONFIG, layer: type.DOCKER_LAYER, index: type.DOCKER_INDEX };
  const tar = tarOf(MODULE_FILE, wasm);
  const layer = blobOf(types.layer, storedGzip(tar));
  // Docker's manifests have no annotations; what stands for them there are labels.
  const notes = form === "compat" ? { annotations } : {};
  const created = annotations[CREATED];
  const configs = PLATFORMS.map(({ os, architecture }) =>
    jsonBlob(types.config, {
      ...(created === undefined ? {} : { created }),
      architecture,
      os,
      config: form === "docker" ? { Labels: annotations } : {},
      rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    }),
  );
  const manifests = configs.map(({ descriptor }) =>
    jsonBlob(types.manifest, { schemaVersion: 2, mediaType: types.manifest, config: descriptor, layers: [layer.descriptor], ...notes }),
  );
  const children: Descriptor[] = manifests.map(({ descriptor }, at) => ({ ...descriptor, ...platformAt(at) }));
  const root = jsonBlob(types.index, { schemaVersion: 2, mediaType: types.index, manifests: children, ...notes });
  return { form, root, manifest: manifests[0] as Blob, manifests, blobs: [layer, ...configs] };
}

function platformAt(at: number): { platform?: Platform } {
  const platform = PLATFORMS[at];
  return platform ? { platform } : {};
}

function checkModule(wasm: Uint8Array): void {
  const magic = [0x00, 0x61, 0x73, 0x6d];
  if (wasm.length < 8 || magic.some((byte, at) => wasm[at] !== byte)) {
    throw new OciError("module", "oci: the file is no WebAssembly module; give the .wasm that meshwright build wrote");
  }
  if (wasm.length > LARGEST_MODULE) {
    throw new OciError("module", `oci: the module has ${wasm.length} bytes and Istio cuts it off after ${LARGEST_MODULE}; make it smaller`);
  }
}
