import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FORMS, openLayout, readImage } from "../../scripts/oci/index.ts";
import { copyOfModule, frameOf, meshwright } from "./fixtures.ts";
import { temporaryFolder } from "./matrix.ts";

const folder = temporaryFolder();
const built = copyOfModule(folder);

describe("meshwright package", () => {
  it.each(FORMS)("writes a folder that it reads back: %s", async form => {
    const to = join(folder, form);
    const packaged = await meshwright(["package", built, "-o", to, "--format", form, "--json", "--with-source-map"]);
    expect(packaged).toMatchObject({ status: 0, err: "" });
    const { digest, index, sourceMap } = JSON.parse(packaged.out);
    const { wasm, manifest, root } = await readImage(openLayout(to), "latest");
    expect(Buffer.from(wasm).equals(readFileSync(built))).toBe(true);
    expect([manifest.digest, root.digest]).toEqual([digest, index ?? digest]);
    expect(readdirSync(join(to, "blobs", "sha256"))).toContain(sourceMap.replace("sha256:", ""));
    const inspected = await meshwright(["inspect", to, "--json"]);
    expect(JSON.parse(inspected.out)).toMatchObject({ form, digest, index, sourceMap: true });
    const log = join(folder, "envoy.log");
    writeFileSync(log, frameOf(built));
    const symbolized = await meshwright(["symbolize", "--image", to, "--log", log]);
    expect(symbolized.out).toContain("proxy_on_configure (meshwright/assembly/sdk/callbacks/plugin.ts:");
  });

  it("makes the same folder of the same module", async () => {
    const [one, two] = ["one", "two"].map(name => join(folder, name));
    for (const to of [one, two]) await meshwright(["package", built, "-o", to ?? "", "--format", "compat"]);
    const contents = (of = ""): [string, Buffer][] => files(of).map(file => [file, readFileSync(join(of, file))]);
    expect(contents(one)).toEqual(contents(two));
  });

  it.each(["bad tag", "", "-x", "a:", "tag\n"])("takes no name that other tools do not read: %j", async tag => {
    const to = join(folder, "named");
    const { status, err } = await meshwright(["package", built, "-o", to, "--tag", tag]);
    expect(status).toBe(2);
    expect(err).toContain("is no name for an image: letters, digits, and . _ - between them");
    expect(existsSync(to)).toBe(false);
  });

  it("leaves package.json and git out on demand", async () => {
    const to = join(folder, "bare");
    await meshwright(["package", built, "-o", to, "--no-annotations"]);
    expect((await readImage(openLayout(to), "")).annotations).toEqual({});
  });

  it("says that there is no source map", async () => {
    const file = join(folder, "alone.wasm");
    writeFileSync(file, readFileSync(built));
    const { status, err } = await meshwright(["package", file, "-o", join(folder, "x"), "--with-source-map"]);
    expect(status).toBe(1);
    expect(err).toContain("alone.wasm.map cannot be read (ENOENT); give a module with the .wasm.map that meshwright build writes");
  });
});

describe("meshwright package --with-source-map", () => {
  it("refuses the map of another module", async () => {
    const file = join(folder, "other.wasm");
    writeFileSync(file, Buffer.concat([readFileSync(built), Buffer.from([0, 2, 1, 0x61])]));
    writeFileSync(`${file}.map`, readFileSync(`${built}.map`));
    const { status, err } = await meshwright(["package", file, "-o", join(folder, "y"), "--with-source-map"]);
    expect(status).toBe(1);
    expect(err).toMatch(/other\.wasm\.map is the map of a module with sha256 [0-9a-f]{64}, and \S+ has [0-9a-f]{64}; build again/);
  });
});

describe("meshwright inspect", () => {
  it("refuses a folder that is no image", async () => {
    const { status, err } = await meshwright(["inspect", folder]);
    expect(status).toBe(1);
    expect(err).toContain("index.json cannot be read (ENOENT); give a folder that meshwright package wrote");
  });

  it("notices what is damaged and what is missing", async () => {
    const to = join(folder, "damaged");
    await meshwright(["package", built, "-o", to]);
    const largest = files(to).find(file => readFileSync(join(to, file)).length === readFileSync(built).length) ?? "";
    writeFileSync(join(to, largest), "something else");
    expect((await meshwright(["inspect", to])).err).toContain("it is damaged, get it again");
    rmSync(join(to, largest));
    expect((await meshwright(["inspect", to])).err).toContain("cannot be read (ENOENT)");
    expect((await meshwright(["inspect", to, "--tag", "2"])).err).toContain('has no image "2"');
  });

  it("takes --tag for folders only, and --plain-http for registries only", async () => {
    const tagged = await meshwright(["inspect", "oci://registry.example/ab/c:1", "--tag", "2"]);
    expect([tagged.status, tagged.err]).toEqual([2, "inspect: --tag is for folders; write oci://…:2\n"]);
    const plain = await meshwright(["inspect", "folder", "--plain-http"]);
    expect([plain.status, plain.err]).toEqual([2, "inspect: --plain-http is for registries; leave it out, or begin with oci://\n"]);
  });
});

function files(of: string): string[] {
  const entries = readdirSync(of, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return entries.map(entry => join(entry.parentPath, entry.name).slice(of.length + 1)).sort();
}
