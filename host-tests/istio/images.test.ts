import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { FORMS } from "../../scripts/oci/index.ts";
import type { Listening } from "../oci/listen.ts";
import { temporaryFolder } from "../oci/matrix.ts";
import { fetchModules } from "./checker.ts";
import { filters } from "./filters.ts";
import { type Pushed, push, startRegistry } from "./registry.ts";

describe("Istio's image fetcher", () => {
  const folder = temporaryFolder();
  let registry: Listening;
  beforeAll(async () => {
    registry = await startRegistry(join(folder, "registry"));
  });
  afterAll(() => registry?.stop());

  it.each(FORMS)("finds each filter that push made an image of as %s, byte for byte, under the digest that push prints", async form => {
    const pushed: Pushed[] = [];
    for (const filter of filters()) pushed.push(await push(registry, filter, form));
    expect(pushed.length).toBeGreaterThan(2);
    expect(await fetchModules(pushed.map(({ image }) => image))).toEqual(pushed);
  });

  it("does not follow the realm with which docker-registry asks for a password", async () => {
    const { host, stop } = await startRegistry(join(folder, "basic"), { basic: true });
    onTestFinished(stop);
    await expect(fetchModules([`oci://${host}/filters/none:1`])).rejects.toThrow('realm scheme "" not allowed');
  });

  it("finds none where nothing was pushed", async () => {
    await expect(fetchModules([`oci://${registry.host}/filters/none:1`])).rejects.toThrow("could not fetch manifest");
  });
});
