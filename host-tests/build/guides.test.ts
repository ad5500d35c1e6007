import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildModule } from "../../scripts/build/index.ts";
import { ROOT, temporaryFolder } from "./fixtures.ts";

/**
 * Code in docs/ is compiled as a user's project would: a fence "ts meshwright" holds a whole filter, a fence "ts refused <text>" one that the
 * build refuses with that text.
 */
const FENCE = /^```ts (meshwright|refused) ?(.*)\n([\s\S]*?)^```$/gm;

const guides = readdirSync(join(ROOT, "docs"))
  .filter(file => file.endsWith(".md"))
  .map(file => ({ file, blocks: [...readFileSync(join(ROOT, "docs", file), "utf8").matchAll(FENCE)] }))
  .filter(({ blocks }) => blocks.length > 0);

describe.each(guides)("docs/$file", ({ blocks }) => {
  const folder = temporaryFolder();

  it.each(blocks.map(([, kind, text, code], index) => ({ kind, text, code, number: index + 1 })))(
    "block $number: $kind",
    async ({ kind, text, code, number }) => {
      const project = join(folder, String(number));
      mkdirSync(join(project, "assembly"), { recursive: true });
      writeFileSync(join(project, "package.json"), JSON.stringify({ name: "guide", version: "1.0.0" }));
      writeFileSync(join(project, "assembly", "index.ts"), code ?? "");
      const built = buildModule(join(project, "assembly", "index.ts"), { debug: true });
      if (kind === "refused") await expect(built).rejects.toThrow(text);
      else expect((await built).warnings).toEqual([]);
    },
  );

  it("shows filters", () => {
    expect(blocks.filter(([, kind]) => kind === "meshwright")).not.toEqual([]);
  });
});
