import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FORMS } from "../../scripts/oci/index.ts";
import { findOrTell } from "./find-program.ts";
import { copyOfModule, frameOf, meshwright, moduleOf, type Outcome } from "./fixtures.ts";
import { describeRegistries, temporaryFolder } from "./matrix.ts";
import { run } from "./run.ts";

const skopeo = findOrTell("skopeo", "that it reads our images is not tested");

describeRegistries("push and pull", start => {
  const folder = temporaryFolder();
  const built = copyOfModule(folder);

  it.each(FORMS)("bring back the bytes of a module that was pushed as %s", async form => {
    const { host } = await start();
    const image = `oci://${host}/filters/span-attributes:1`;
    const pushed = await meshwright(["push", built, image, "--format", form, "--plain-http", "--json"]);
    expect(pushed).toMatchObject({ status: 0, err: "" });
    const { digest, index, pinned } = JSON.parse(pushed.out);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(index === null).toBe(form === "oci");

    const file = join(folder, `${form}.wasm`);
    const pulled = await meshwright(["pull", image, "-o", file, "--plain-http", "--json"]);
    expect(JSON.parse(pulled.out)).toMatchObject({ file, form, digest });
    expect(readFileSync(file).equals(readFileSync(built))).toBe(true);
    expect(await meshwright(["pull", pinned, "-o", file, "--plain-http"])).toMatchObject({ status: 0, err: "" });

    const { out } = await meshwright(["inspect", image, "--plain-http", "--json"]);
    const sha256 = createHash("sha256").update(readFileSync(built)).digest("hex");
    expect(JSON.parse(out)).toMatchObject({ form, digest, index, sourceMap: false, module: { name: "span-attributes", sha256 } });
    expect(JSON.parse(out).annotations).toMatchObject({ "org.opencontainers.image.title": "span-attributes" });
  });

  it("print the digest alone, which is the same the next time, when nothing has to be uploaded any more", async () => {
    const { host } = await start();
    const push = (): Promise<Outcome> => meshwright(["push", built, `oci://${host}/a/b:1`, "--plain-http"]);
    const [first, second] = [await push(), await push()];
    expect(first.out).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(second.out).toBe(first.out);
    expect(first.err).toContain("3 parts uploaded, 0 there already");
    expect(second.err).toContain("0 parts uploaded, 3 there already");
  });

  it.each(FORMS)("carry the source map of a module that was pushed as %s, as a referrer", async form => {
    const { host } = await start();
    const image = `oci://${host}/filters/span-attributes:2`;
    // Twice: the second must not list the map again.
    for (let times = 0; times < 2; times++) {
      const { status, err } = await meshwright(["push", built, image, "--format", form, "--plain-http", "--with-source-map", "--json"]);
      expect({ status, err }).toEqual({ status: 0, err: "" });
    }
    const file = join(folder, `${form}-map.wasm`);
    expect(await meshwright(["pull", image, "-o", file, "--plain-http", "--with-source-map"])).toMatchObject({ status: 0 });
    expect(readFileSync(`${file}.map`).equals(readFileSync(`${built}.map`))).toBe(true);
    const inspected = JSON.parse((await meshwright(["inspect", image, "--plain-http", "--json"])).out);
    expect(inspected.sourceMap).toBe(true);
    expect(inspected.layers).toHaveLength(form === "oci" ? 2 : 1);
  });

  it.each(FORMS)(
    "lead a log to lines with nothing but the image that was pushed as %s, by its tag and by the digest that Istio pins",
    async form => {
      const { host } = await start();
      const image = `oci://${host}/filters/span-attributes:4`;
      const pushed = await meshwright(["push", built, image, "--format", form, "--plain-http", "--with-source-map", "--json"]);
      const log = join(folder, `${form}.log`);
      writeFileSync(log, `Proxy-Wasm plugin in-VM backtrace:\n${frameOf(built)}\n`);
      for (const reference of [image, JSON.parse(pushed.out).pinned]) {
        const { status, out, err } = await meshwright(["symbolize", "--image", reference, "--plain-http", "--log", log]);
        expect({ status, err }).toEqual({ status: 0, err: "" });
        expect(out).toMatch(/ 0: {2}0x[0-9a-f]+ - proxy_on_configure \(meshwright\/assembly\/sdk\/callbacks\/plugin\.ts:\d+:\d+\)/);
      }
    },
  );

  it("say that a log cannot be led to lines without a source map", async () => {
    const { host } = await start();
    const image = `oci://${host}/a/b:1`;
    await meshwright(["push", built, image, "--plain-http"]);
    const { status, err } = await meshwright(["symbolize", "--image", image, "--plain-http", "--log", "package.json"]);
    expect(status).toBe(1);
    expect(err).toContain(`${image} has no source map; push with --with-source-map, or give the .wasm.map file of that build`);
  });

  it("say that there is no source map", async () => {
    const { host } = await start();
    const image = `oci://${host}/a/b:1`;
    await meshwright(["push", built, image, "--plain-http"]);
    const { status, err } = await meshwright(["pull", image, "-o", join(folder, "none.wasm"), "--plain-http", "--with-source-map"]);
    expect(status).toBe(1);
    expect(err).toContain("has no source map; push it with --with-source-map");
  });

  it("send a large module in chunks", async () => {
    const { host } = await start();
    const file = join(folder, "large.wasm");
    writeFileSync(file, moduleOf(9_500_000));
    expect(await meshwright(["push", file, `oci://${host}/large:1`, "--plain-http"])).toMatchObject({ status: 0 });
    const back = join(folder, "large-back.wasm");
    expect(await meshwright(["pull", `oci://${host}/large:1`, "-o", back, "--plain-http"])).toMatchObject({ status: 0 });
    expect(readFileSync(back).equals(readFileSync(file))).toBe(true);
  });

  it("say that a tag or a repository is missing", async () => {
    const { host } = await start();
    await meshwright(["push", built, `oci://${host}/a/b:1`, "--plain-http"]);
    for (const [image, missing] of [
      ["a/b:2", '"2"'],
      ["c/d:1", '"1"'],
    ]) {
      const { status, err } = await meshwright(["pull", `oci://${host}/${image}`, "--plain-http"]);
      expect(status).toBe(1);
      expect(err).toContain(`has no ${missing}, or not for you; check name, tag and login`);
    }
  });

  it("say that the registry speaks plain HTTP", async () => {
    const { host } = await start();
    const { status, err } = await meshwright(["push", built, `oci://${host}/a/b:1`]);
    expect(status).toBe(1);
    expect(err).toContain(`${host} speaks plain HTTP, not HTTPS; add --plain-http`);
  });

  it.runIf(skopeo).each(FORMS)("make an image that skopeo inspects and copies, as %s", async form => {
    const { host } = await start();
    const image = `${host}/filters/span-attributes:3`;
    const { out } = await meshwright(["push", built, `oci://${image}`, "--format", form, "--plain-http", "--json"]);
    const { digest, index } = JSON.parse(out);
    const inspected = JSON.parse(await run(skopeo ?? "", ["inspect", "--tls-verify=false", `docker://${image}`]));
    expect(inspected.Digest).toBe(index ?? digest);
    const copy = join(folder, `copy-${form}`);
    await run(skopeo ?? "", ["copy", "--quiet", "--src-tls-verify=false", `docker://${image}`, `oci:${copy}:latest`]);
    const { module } = JSON.parse((await meshwright(["inspect", copy, "--json"])).out);
    expect(module).toMatchObject({ name: "span-attributes", size: readFileSync(built).length });
  });
});
