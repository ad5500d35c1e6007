import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./fixtures.ts";

/** What somebody reads who has the package and no clone. */
const GUIDES = [
  "api",
  "assemblyscript",
  "debugging",
  "first-filter",
  "from-go",
  "from-rust",
  "from-solo",
  "hot-reload",
  "packaging",
  "testing",
];

describe("the package", () => {
  let files: string[] = [];
  beforeAll(() => {
    const said = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: ROOT, encoding: "utf8", stdio: "pipe" });
    const [packed] = JSON.parse(said) as { files: { path: string }[] }[];
    files = (packed?.files ?? []).map(({ path }) => path);
  });

  it.each(GUIDES)("has what docs/%s.md links to", name => {
    const text = readFileSync(join(ROOT, "docs", `${name}.md`), "utf8");
    const links = [...text.matchAll(/\]\((\.{0,2}[\w./-]+\.\w+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => normalize(join("docs", link)));
    expect(links.filter(link => !files.includes(link))).toEqual([]);
  });

  it("has the examples' sources and tests", () => {
    const examples = files.filter(file => file.startsWith("examples/")).map(file => dirname(file));
    expect(examples).toEqual(expect.arrayContaining(["examples/signed-session", "examples/signed-session/assembly", "examples"]));
    expect(files.filter(file => /^examples\/.*\/(build|node_modules)\//.test(file))).toEqual([]);
  });
});
