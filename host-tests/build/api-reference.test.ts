import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apiReference, readApi, undocumented } from "../../scripts/docs/index.ts";
import { ROOT } from "./fixtures.ts";

const api = readApi(ROOT);

describe("the API reference", () => {
  it("has a docstring for every public class, function, method and field", () => {
    expect(undocumented(api)).toEqual([]);
  });

  it("is what the docstrings say; npm run docs writes it", () => {
    expect(readFileSync(join(ROOT, "docs", "api.md"), "utf8")).toBe(apiReference(api));
  });

  it("sees exports, inherited members, and what is not exported but returned", () => {
    const names = api.symbols.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["HttpContext", "BaseContext", "RequestAttributes", "registerPlugin", "JsonValue"]));
    expect(names).not.toContain("PendingCalls");
    const members = api.symbols.find(({ name }) => name === "PluginContext")?.members.map(({ name }) => name);
    expect(members).toContain("onConfigure");
    expect(members).not.toContain("sharedHttp");
  });
});
