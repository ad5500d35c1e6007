import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildInto, fixture, temporaryFolder } from "./fixtures.ts";

const FILE = "host-tests/build/fixtures/assembly/misnamed.ts";

describe("a filter in which nothing would be called", () => {
  const folder = temporaryFolder();

  it("is built with a warning for each method that looks like a callback, and none for others", async () => {
    const { warnings } = await buildInto(folder, fixture("misnamed"));
    expect([...warnings].sort()).toEqual([
      `${FILE}:11:3: Stream.onRequestHeader is no callback of HttpContext, and nothing calls it; did you mean onRequestHeaders?`,
      `${FILE}:15:3: Stream.onTick is no callback of HttpContext, and nothing calls it; it is one of PluginContext`,
      `${FILE}:24:3: Stream.onRequestBody answers HeadersStatus, whose numbers mean something else there; it is to answer DataStatus`,
      `${FILE}:5:3: Settings.onConfigured is no callback of PluginContext, and nothing calls it; did you mean onConfigure?`,
    ]);
  });

  it("is built without a warning when all of its callbacks are some", async () => {
    expect((await buildInto(folder, fixture("stateful"))).warnings).toEqual([]);
  });

  it("is refused when nothing registers its class", async () => {
    writeFileSync(join(folder, "package.json"), '{"name": "nobody"}');
    const entry = join(folder, "nobody.ts");
    writeFileSync(
      entry,
      'import { HttpContext } from "meshwright/assembly";\nexport class Stream extends HttpContext {\n  onLog(): void {}\n}\n',
    );
    const what = 'the module registers no plugin, and Envoy would refuse it; end nobody.ts with registerHttpFilter<Stream>("nobody")';
    await expect(buildInto(folder, entry)).rejects.toThrow(what);
  });

  it("is refused when the entry registers none", async () => {
    writeFileSync(join(folder, "package.json"), '{"name": "nobody"}');
    const entry = join(folder, "nobody.ts");
    writeFileSync(entry, "export const answer = 42;\n");
    await expect(buildInto(folder, entry)).rejects.toThrow("imports nothing of meshwright/assembly and registers no filter");
  });
});
