import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { storedGzip } from "../../scripts/oci/gzip.ts";
import { FORMS, type Form, type Image, makeImage } from "../../scripts/oci/index.ts";
import { findInTar, tarOf } from "../../scripts/oci/tar.ts";
import { findProgram } from "./find-program.ts";
import { contentOf, moduleOf, noiseOf } from "./fixtures.ts";
import { temporaryFolder } from "./matrix.ts";
import { run } from "./run.ts";

const folder = temporaryFolder();
const wasm = moduleOf(1000);

function json(blob: { bytes: Uint8Array }) {
  return JSON.parse(new TextDecoder().decode(blob.bytes));
}

/** Of manifest and index, as they were on every Node and processor so far: a change here changes what users have pinned. */
const DIGESTS: Record<Form, readonly [string, string]> = {
  oci: [
    "sha256:f9770aa1909db48787a2576378d807221dd73169d84ab288aabf7370d25c90ce",
    "sha256:f9770aa1909db48787a2576378d807221dd73169d84ab288aabf7370d25c90ce",
  ],
  compat: [
    "sha256:02957034c13a054d4ccbabd69914309520bbfccc3df599fa099393cbd16a5212",
    "sha256:3be19a31d74000da70a153c851d272fbbf189a62c70c90585aafdfdb7db10a98",
  ],
  docker: [
    "sha256:0c86ed668f4ae5d9cbd525fe801bcc90a07a46f1a4717c10352061db64589384",
    "sha256:0d1fe524595abbd49f90ae9d4ee4928b296161cd572ca598475eac6de9187286",
  ],
};

describe("an image", () => {
  it.each(FORMS)("as %s has the same digest on every machine", form => {
    const { manifest, root } = makeImage(form, contentOf(noiseOf(1000)));
    expect([manifest.descriptor.digest, root.descriptor.digest]).toEqual(DIGESTS[form]);
  });

  it("as oci has exactly the two layers that Istio wants", () => {
    const image = makeImage("oci", contentOf(wasm));
    expect(json(image.manifest)).toMatchObject({
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      layers: [
        { mediaType: "application/vnd.module.wasm.config.v1+json" },
        { mediaType: "application/vnd.module.wasm.content.layer.v1+wasm", size: 1000 },
      ],
      annotations: { "org.opencontainers.image.title": "dice" },
    });
    const [, config, module] = image.blobs;
    expect(config && json(config)).toEqual({ type: "envoy_proxy", abiVersions: ["v0.2.1"], config: { rootIds: ["dice"] } });
    expect(module?.bytes).toEqual(wasm);
    expect(image.root).toBe(image.manifest);
  });

  it.each([
    [
      "compat",
      "application/vnd.oci.image.manifest.v1+json",
      "application/vnd.oci.image.layer.v1.tar+gzip",
      "application/vnd.oci.image.index.v1+json",
    ],
    [
      "docker",
      "application/vnd.docker.distribution.manifest.v2+json",
      "application/vnd.docker.image.rootfs.diff.tar.gzip",
      "application/vnd.docker.distribution.manifest.list.v2+json",
    ],
  ] as const)(
    "as %s is an index for two platforms, each with one layer that holds plugin.wasm",
    (form, manifestType, layerType, indexType) => {
      const image = makeImage(form, contentOf(wasm));
      expect(json(image.root)).toMatchObject({
        mediaType: indexType,
        manifests: [
          { mediaType: manifestType, digest: image.manifest.descriptor.digest, platform: { os: "linux", architecture: "amd64" } },
          { mediaType: manifestType, platform: { os: "linux", architecture: "arm64" } },
        ],
      });
      for (const manifest of image.manifests) {
        const { config, layers } = json(manifest);
        expect(layers).toMatchObject([{ mediaType: layerType }]);
        expect(json(blobIn(image, config.digest)).rootfs.type).toBe("layers");
        const tar = gunzipSync(blobIn(image, layers[0].digest).bytes);
        expect(findInTar(tar, "plugin.wasm")).toEqual(Buffer.from(wasm));
      }
    },
  );

  it("has Docker's labels where Docker has no annotations", () => {
    const image = makeImage("docker", contentOf(wasm));
    expect(json(image.manifest)).not.toHaveProperty("annotations");
    expect(json(blobIn(image, json(image.manifest).config.digest)).config.Labels).toEqual({ "org.opencontainers.image.title": "dice" });
  });

  it("is not made of something else than a module", () => {
    expect(() => makeImage("oci", contentOf(new TextEncoder().encode("no module")))).toThrow("the file is no WebAssembly module");
    expect(() => makeImage("oci", contentOf(moduleOf(256 * 2 ** 20 + 1)))).toThrow("Istio cuts it off after 268435456");
  });
});

describe("a stored gzip", () => {
  it.each([0, 1, 65_535, 65_536, 200_000])("of %i bytes is what gunzip takes", size => {
    const bytes = Buffer.alloc(size, "abc");
    expect(gunzipSync(storedGzip(bytes)).equals(bytes)).toBe(true);
  });

  it("has no time and no system in its header", () => {
    expect([...storedGzip(new Uint8Array()).subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  });
});

describe("a tar", () => {
  it("has the file's mode, and neither owner nor time", () => {
    const header = new TextDecoder().decode(tarOf("plugin.wasm", wasm).subarray(0, 265)).replaceAll("\0", "|");
    expect(header.slice(0, 11)).toBe("plugin.wasm");
    //                                mode     owner    group    size 1000    time         checksum type
    expect(header.slice(100, 157)).toBe("0000644|0000000|0000000|00000001750|00000000000|010137| 0");
    expect(header.slice(257, 265)).toBe("ustar|00");
  });

  it.each(["a.tar", "b.tar.gz"])("is read by tar itself: %s", async name => {
    const tar = findProgram("tar");
    if (!tar) throw new Error("oci: tar is not on PATH; install it");
    const file = join(folder, name);
    const bytes = tarOf("plugin.wasm", wasm);
    writeFileSync(file, name.endsWith("gz") ? storedGzip(bytes) : bytes);
    expect(await run(tar, ["--list", "--verbose", "--numeric-owner", "--utc", "--file", file])).toMatch(
      /^-rw-r--r-- 0\/0 +1000 1970-01-01 00:00 plugin\.wasm\n$/,
    );
  });

  it("that GNU tar wrote with folders and other files is searched by the file's name", async () => {
    const tree = mkdtempSync(join(folder, "tree-"));
    await run("mkdir", ["-p", join(tree, "opt", "x")]);
    writeFileSync(join(tree, "opt", "other.wasm"), "other");
    writeFileSync(join(tree, "opt", "x", "plugin.wasm"), wasm);
    const file = join(folder, "tree.tar");
    await run("tar", ["--create", "--file", file, "--directory", tree, "opt"]);
    expect(findInTar(readFileSync(file), "plugin.wasm")).toEqual(Buffer.from(wasm));
    expect(findInTar(readFileSync(file), "absent.wasm")).toBeNull();
  });

  it("that is cut off is refused", () => {
    expect(() => findInTar(tarOf("plugin.wasm", wasm).subarray(0, 1024), "plugin.wasm")).toThrow("damaged or cut off");
  });
});

function blobIn(image: Image, digest: string) {
  const blob = image.blobs.find(({ descriptor }) => descriptor.digest === digest);
  if (!blob) throw new Error(`the image has no ${digest}`);
  return blob;
}
