import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfigSchema } from "../../scripts/build/config-schema.ts";
import { readIdentity } from "../../scripts/build/index.ts";
import { ROOT, temporaryFolder } from "./fixtures.ts";

const folder = temporaryFolder();

/** Writes `files` and reads the first of them. */
function read(files: Record<string, unknown>): unknown {
  const paths = Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  });
  return readConfigSchema(paths[0] ?? "");
}

describe("the configuration schema of a module", () => {
  it("is null when the filter has none", () => {
    expect(readConfigSchema(join(folder, "nowhere.json"))).toBeNull();
  });

  it("holds the files that it refers to, however deep", () => {
    const whole = read({
      "a/main.json": { $schema: "s", properties: { part: { $ref: "../b/part.json", description: "here" } } },
      "b/part.json": { $schema: "s", $id: "i", description: "there", items: [{ $ref: "leaf.json" }] },
      "b/leaf.json": { type: "string" },
    });
    expect(whole).toEqual({ $schema: "s", properties: { part: { description: "here", items: [{ type: "string" }] } } });
  });

  it("turns references within a file into references from the root of the whole", () => {
    const whole = read({
      "main.json": { $defs: { own: { $ref: "#" } }, properties: { "a/b": { $ref: "part.json" } } },
      "part.json": { $defs: { x: { type: "string" } }, items: { $ref: "#/$defs/x" }, not: { $ref: "#" } },
    });
    expect(whole).toEqual({
      $defs: { own: { $ref: "#" } },
      properties: {
        "a/b": { $defs: { x: { type: "string" } }, items: { $ref: "#/properties/a~1b/$defs/x" }, not: { $ref: "#/properties/a~1b" } },
      },
    });
  });

  it("leaves absolute references and a property of that name alone", () => {
    const schema = { items: { $ref: "https://json-schema.org/draft/2020-12/schema" }, properties: { $ref: { type: "string" } } };
    expect(read({ "main.json": schema })).toEqual(schema);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ["text that is no JSON", { "main.json": "{" }, /main\.json is not valid JSON: .*; correct it/],
    ["a file that is missing", { "main.json": { $ref: "gone.json" } }, /main\.json refers to gone\.json, which is not there/],
    ["a part of a file", { "main.json": { $ref: "part.json#/x" }, "part.json": {} }, /refers to part\.json#\/x; only whole files/],
    ["a file that is no object", { "main.json": { $ref: "part.json" }, "part.json": true }, /part\.json, which is no object/],
    [
      "a circle",
      { "main.json": { items: { $ref: "b.json" } }, "b.json": { items: { $ref: "main.json" } } },
      /b\.json refers to main\.json/,
    ],
    [
      "a check beside a reference",
      { "main.json": { $ref: "b.json", minLength: 1 }, "b.json": {} },
      /has "minLength" beside a \$ref to b\.json/,
    ],
  ])("refuses %s", (_, files, message) => {
    expect(() => read(files)).toThrow(message);
  });

  it("of mesh-telemetry holds those of both filters and refers to no file", () => {
    const schema = readIdentity(readFileSync(join(ROOT, "build", "mesh-telemetry.wasm")))?.configSchema;
    const { $schema: _, ...spanAttributes } = readConfigSchema(
      join(ROOT, "assembly/filters/span-attributes/config.schema.json"),
    ) as object & {
      $schema: string;
    };
    expect(schema).toMatchObject({
      properties: {
        span_attributes: spanAttributes,
        trace_context: { allOf: [{ title: "trace-context" }, { properties: { export: false } }] },
      },
    });
    expect(JSON.stringify(schema)).not.toContain('"$ref"');
  });
});
