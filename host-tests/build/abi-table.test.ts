import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CALLBACKS, FOREIGN_FUNCTIONS, HOSTCALLS } from "../../scripts/abi/index.ts";
import { findInApi, readApi } from "../../scripts/docs/index.ts";
import { ROOT } from "./fixtures.ts";

interface Row {
  name: string;
  apis: string[];
  tests: string[];
}

const rows = readTables(readFileSync(join(ROOT, "docs", "abi.md"), "utf8"));
const api = readApi(ROOT);

describe("docs/abi.md", () => {
  it.each([
    ["hostcall", HOSTCALLS.keys()],
    ["callback", CALLBACKS.keys()],
    ["foreign function", FOREIGN_FUNCTIONS],
  ])("has one row for each %s", (_, names) => {
    expect([...names].filter(name => rows.filter(row => row.name === name).length !== 1)).toEqual([]);
  });

  it("has no row for anything else", () => {
    const known = new Set([...HOSTCALLS.keys(), ...CALLBACKS.keys(), ...FOREIGN_FUNCTIONS]);
    expect(rows.map(({ name }) => name).filter(name => !known.has(name))).toEqual([]);
  });

  it("names an API in each row, and only such as the SDK has", () => {
    expect(rows.flatMap(({ name, apis }) => (apis.length === 0 ? [name] : apis.filter(each => !isApi(each))))).toEqual([]);
  });

  it("names a test in each row, and only such as there are", () => {
    expect(rows.flatMap(({ name, tests }) => (tests.length === 0 ? [name] : tests.filter(each => !isTest(each))))).toEqual([]);
  });
});

/** Rows are `| \`name\` | \`Class.member\`<br>… | \`file\` › test<br>… | note |`. */
function readTables(text: string): Row[] {
  return [...text.matchAll(/^\| `(\w+)` *\|(.*)\|(.*)\|[^|]*\|$/gm)].map(([, name = "", apis = "", tests = ""]) => ({
    name,
    apis: cell(apis).map(each => each.replaceAll("`", "")),
    tests: cell(tests),
  }));
}

function cell(text: string): string[] {
  return text
    .split("<br>")
    .map(each => each.trim())
    .filter(each => each !== "");
}

/** `Class.member` of the SDK's API, or `folder/file.ts › function` below assembly for what filters do not call. */
function isApi(name: string): boolean {
  const [file = "", own] = name.split(" › ");
  if (own === undefined) return findInApi(api, name) !== null;
  const path = join(ROOT, "assembly", file);
  return existsSync(path) && readFileSync(path, "utf8").includes(`export function ${own}(`);
}

/** `file › name` below host-tests; the name as the source has it, with the placeholders of `it.each`. */
function isTest(entry: string): boolean {
  const [, file = "", name = ""] = /^`([^`]+)` › (.+)$/.exec(entry) ?? [];
  const path = join(ROOT, "host-tests", file);
  return file !== "" && existsSync(path) && readFileSync(path, "utf8").includes(`"${name}"`);
}
