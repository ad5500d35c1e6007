import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../oci/fixtures.ts";
import { validate, validateValues } from "./checker.ts";
import { complaints } from "./notices.ts";
import { files, sets } from "./sets.ts";

/** What is given beside other values. */
const ADDED = files().filter(file => file.endsWith("/helm/values-tenant-metrics.yaml"));
const VALUES = files().filter(file => file.includes("/helm/") && !ADDED.includes(file));
const EXAMPLES = readdirSync(join(ROOT, "examples"))
  .map(name => `examples/${name}/istio.yaml`)
  .filter(file => existsSync(join(ROOT, file)));
/** Parts that only mean something together with their base. */
const PARTS = /\/kustomization\.yaml$|\.patch\.yaml$|\/without-wasm-plugin\.yaml$/;

describe("istio/", () => {
  it("has sets, values and nothing that no judge reads", () => {
    expect(sets().length).toBeGreaterThan(3);
    expect(VALUES.length).toBeGreaterThan(0);
    expect(files().filter(file => !file.endsWith(".yaml") && !file.endsWith(".md"))).toEqual([]);
  });

  it.each([...VALUES, ...ADDED])("%s: istioctl, the chart and istiod accept the values without a warning", async file => {
    expect(await validateValues(file)).toMatchObject({ problems: [] });
  });

  it.each(VALUES)("schema, webhook, analyzers and istiod accept each set without a warning, in a mesh with %s", async values => {
    const verdicts = await validate(sets(), { values: join(ROOT, values) });
    expect(verdicts.map(({ file, objects }) => ({ file, hasObjects: objects.length > 0 }))).toEqual(
      sets().map(file => ({ file, hasObjects: true })),
    );
    expect(verdicts.flatMap(verdict => complaints(verdict))).toEqual([]);
  });

  it("is what the examples are, too", async () => {
    const verdicts = await validate(EXAMPLES, { values: join(ROOT, VALUES[0] ?? "") });
    expect(verdicts.map(({ objects }) => objects.length > 4)).toEqual(EXAMPLES.map(() => true));
    expect(verdicts.flatMap(verdict => complaints(verdict))).toEqual([]);
  });

  it("has whole objects that they accept one by one, too", async () => {
    const objects = files().filter(file => file.endsWith(".yaml") && !file.includes("/helm/") && !PARTS.test(file));
    const verdicts = await validate(objects, { values: join(ROOT, VALUES[0] ?? "") });
    expect(verdicts.flatMap(verdict => complaints(verdict))).toEqual([]);
  });
});
