import { describe, expect, it } from "vitest";
import { type Blob, blobOf, type Descriptor, jsonBlob } from "../../scripts/oci/blob.ts";
import { storedGzip } from "../../scripts/oci/gzip.ts";
import { FORMS, makeImage, readImage, type Source } from "../../scripts/oci/index.ts";
import * as type from "../../scripts/oci/media-types.ts";
import { tarOf } from "../../scripts/oci/tar.ts";
import { contentOf, moduleOf } from "./fixtures.ts";

const wasm = moduleOf(100);
const content = blobOf(type.WASM_CONTENT, wasm);
const config = jsonBlob(type.WASM_CONFIG, {});

/** Images in memory: the first blob is what "latest" names. */
function sourceOf(...blobs: Blob[]): Source {
  const find = (digest: string): Blob => {
    const blob = digest === "latest" ? blobs[0] : blobs.find(({ descriptor }) => descriptor.digest === digest);
    if (!blob) throw new Error(`no ${digest}`);
    return blob;
  };
  return {
    place: "memory",
    manifest: async reference => find(reference),
    blob: async ({ digest }) => find(digest).bytes,
    referrers: async () => [],
  };
}

function manifestOf(...layers: Blob[]): Blob {
  return jsonBlob(type.OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: type.OCI_MANIFEST,
    layers: layers.map(({ descriptor }) => descriptor),
  });
}

function indexOf(...manifests: Descriptor[]): Blob {
  return jsonBlob(type.OCI_INDEX, { schemaVersion: 2, mediaType: type.OCI_INDEX, manifests });
}

describe("reading an image by Istio's rules", () => {
  it.each(FORMS)("finds the module in our own: %s", async form => {
    const image = makeImage(form, contentOf(wasm));
    const read = await readImage(sourceOf(image.root, ...image.manifests, ...image.blobs), "latest");
    expect(read).toMatchObject({
      form,
      manifest: { digest: image.manifest.descriptor.digest },
      root: { digest: image.root.descriptor.digest },
    });
    expect(Buffer.from(read.wasm).equals(wasm)).toBe(true);
    expect(read.annotations).toEqual({ "org.opencontainers.image.title": "dice" });
  });

  it("takes plugin.wasm out of the last layer, whatever the others are", async () => {
    const layer = blobOf(type.OCI_LAYER, storedGzip(tarOf("opt/plugin.wasm", wasm)));
    const read = await readImage(sourceOf(manifestOf(config, config, layer), config, layer), "latest");
    expect(read.form).toBe("compat");
  });

  it.each([
    ["one layer", [content], "its 1 layers"],
    ["three layers", [config, content, config], "its 3 layers"],
    ["no layers", [], "the manifest has no layers"],
    ["the CNCF's artifact", [blobOf("application/wasm", wasm)], "its 1 layers (application/wasm)"],
    ["an image with zstd", [blobOf("application/vnd.oci.image.layer.v1.tar+zstd", wasm)], "its 1 layers"],
    [
      "an image without plugin.wasm",
      [blobOf(type.OCI_LAYER, storedGzip(tarOf("other.wasm", wasm)))],
      "its last layer has no file plugin.wasm",
    ],
    ["a layer that is not gzip", [blobOf(type.OCI_LAYER, wasm)], "the layer cannot be unpacked"],
  ])("refuses %s", async (_, layers, reason) => {
    await expect(readImage(sourceOf(manifestOf(...layers), ...layers), "latest")).rejects.toThrow(reason);
  });

  it("refuses a Docker manifest with a layer of OCI", async () => {
    const layer = blobOf(type.OCI_LAYER, storedGzip(tarOf("plugin.wasm", wasm)));
    const manifest = jsonBlob(type.DOCKER_MANIFEST, { schemaVersion: 2, mediaType: type.DOCKER_MANIFEST, layers: [layer.descriptor] });
    await expect(readImage(sourceOf(manifest, layer), "latest")).rejects.toThrow(`expected ${type.DOCKER_LAYER}`);
  });

  it("takes linux/amd64 out of an index, or what has no platform, and refuses one without", async () => {
    const manifest = manifestOf(config, content);
    const on = (os: string, architecture: string): Descriptor => ({ ...manifest.descriptor, platform: { os, architecture } });
    const others = [manifest, config, content];
    await expect(readImage(sourceOf(indexOf(on("linux", "arm64")), ...others), "latest")).rejects.toThrow("nothing for linux/amd64");
    await expect(readImage(sourceOf(indexOf(on("wasi", "wasm")), ...others), "latest")).rejects.toThrow("nothing for linux/amd64");
    expect((await readImage(sourceOf(indexOf(on("linux", "arm64"), on("linux", "amd64")), ...others), "latest")).form).toBe("oci");
    expect((await readImage(sourceOf(indexOf(manifest.descriptor), ...others), "latest")).form).toBe("oci");
  });
});
