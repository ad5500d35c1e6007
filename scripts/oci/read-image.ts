import type { Annotations, Blob, Descriptor } from "./blob.ts";
import { OciError } from "./errors.ts";
import { type Form, LARGEST_MODULE, MODULE_FILE } from "./forms.ts";
import { gunzip } from "./gzip.ts";
import * as type from "./media-types.ts";
import type { Source } from "./source.ts";
import { findInTar } from "./tar.ts";

export interface Manifest {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  /** Of an index. */
  readonly manifests?: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Annotations;
}

/** An image with the module that Istio would find in it. */
export interface ReadImage {
  readonly form: Form;
  /** What the reference names: an index or a manifest. */
  readonly root: Descriptor;
  /** The manifest that Istio takes; its digest is what `sha256` in a WasmPlugin means. */
  readonly manifest: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Annotations;
  readonly wasm: Uint8Array;
}

/** Room for the module and the other files of an image that was built for something else, too. */
const LARGEST_LAYER = 2 * LARGEST_MODULE;

/** Reads an image by Istio's rules, so that what can be read here can be read there; what cannot says why. */
export async function readImage(source: Source, reference: string): Promise<ReadImage> {
  const root = await source.manifest(reference);
  const manifest = isIndexBlob(root) ? await source.manifest(amd64(root, source)) : root;
  const json = parse(manifest, source);
  const layers = json.layers ?? [];
  const found = await moduleIn(source, json.mediaType ?? manifest.descriptor.mediaType, layers);
  const annotations = json.annotations ?? (await labels(source, json.config));
  return { ...found, root: root.descriptor, manifest: manifest.descriptor, layers, annotations };
}

/** The manifest's media type decides, and not the config's. */
async function moduleIn(source: Source, mediaType: string, layers: readonly Descriptor[]): Promise<Pick<ReadImage, "form" | "wasm">> {
  const last = layers.at(-1);
  if (!last) throw refused(source, "the manifest has no layers");
  if (mediaType === type.DOCKER_MANIFEST) {
    if (last.mediaType !== type.DOCKER_LAYER) throw refused(source, `the last layer is ${last.mediaType}, expected ${type.DOCKER_LAYER}`);
    const file = await inLayer(source, last);
    if (!file) throw refused(source, `its last layer has no file ${MODULE_FILE}`);
    return { form: "docker", wasm: file };
  }
  // In this order: a manifest that is both is an image for Istio.
  const file = last.mediaType === type.OCI_LAYER ? await inLayer(source, last) : null;
  if (file) return { form: "compat", wasm: file };
  const content = layers.find(layer => layer.mediaType === type.WASM_CONTENT);
  if (layers.length === 2 && content) return { form: "oci", wasm: await source.blob(content) };
  if (last.mediaType === type.OCI_LAYER) throw refused(source, `its last layer has no file ${MODULE_FILE}`);
  const kinds = layers.map(layer => layer.mediaType).join(", ");
  throw refused(source, `its ${layers.length} layers (${kinds}) are neither an image with plugin.wasm nor a module with its config`);
}

async function inLayer(source: Source, layer: Descriptor): Promise<Uint8Array | null> {
  return findInTar(gunzip(await source.blob(layer), LARGEST_LAYER), MODULE_FILE);
}

function amd64(index: Blob, source: Source): string {
  const isWanted = ({ platform }: Descriptor): boolean => !platform || (platform.os === "linux" && platform.architecture === "amd64");
  const child = parse(index, source).manifests?.find(isWanted);
  if (!child) throw refused(source, "its index has nothing for linux/amd64, which Istio asks for on every node");
  return child.digest;
}

/** Docker's form keeps in the config what the others have as annotations. */
async function labels(source: Source, config: Descriptor | undefined): Promise<Annotations> {
  if (config?.mediaType !== type.DOCKER_CONFIG) return {};
  const json = parse({ descriptor: config, bytes: await source.blob(config) }, source) as { config?: { Labels?: Annotations | null } };
  return json.config?.Labels ?? {};
}

function isIndexBlob({ descriptor }: Blob): boolean {
  return type.isIndex(descriptor.mediaType);
}

function parse({ bytes }: Blob, { place }: Source): Manifest {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (isManifest(json)) return json;
  } catch (error) {
    throw new OciError("form", `oci: ${place}: the manifest is not JSON; push the image again`, { cause: error });
  }
  throw new OciError("form", `oci: ${place}: the manifest is none; push the image again`);
}

/** Whoever wrote it: whether what is read here has the shape that it should have. */
function isManifest(json: unknown): json is Manifest {
  if (!isObject(json)) return false;
  const { layers = [], manifests = [], config = {} } = json;
  return isObject(config) && [layers, manifests].every(list => Array.isArray(list) && list.every(isObject));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused({ place }: Source, reason: string): OciError {
  return new OciError("form", `oci: ${place}: Istio finds no module there: ${reason}; push it with meshwright push`);
}

/** The source map that was pushed with the image, or null. It refers to the manifest that Istio takes, or to what the tag names. */
export async function readSourceMap(source: Source, { root, manifest }: Pick<ReadImage, "root" | "manifest">): Promise<Uint8Array | null> {
  for (const subject of root.digest === manifest.digest ? [root] : [manifest, root]) {
    const [referrer] = await source.referrers(subject, type.SOURCE_MAP);
    if (!referrer) continue;
    const layer = parse(await source.manifest(referrer.digest), source).layers?.[0];
    if (layer) return source.blob(layer);
  }
  return null;
}
