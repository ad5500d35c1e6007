import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ROOT } from "./fixtures.ts";

const TEXT = readFileSync(join(ROOT, "docs/coverage.md"), "utf8");
const [TABLE = "", SAMPLES = ""] = TEXT.split(/^## /m);

interface Row {
  readonly number: number;
  readonly folders: readonly string[];
  readonly commands: readonly string[];
  readonly tests: readonly string[];
}

const ROWS: readonly Row[] = [...TABLE.matchAll(/^\| (\d+) +\|(.*)\|$/gm)].map(([, number, cells = ""]) => {
  const [, folder = "", command = "", test = ""] = cells.split(" | ");
  return {
    number: Number(number),
    folders: links(folder),
    commands: [...command.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text),
    tests: links(test),
  };
});

describe("docs/coverage.md", () => {
  it("has each of the nineteen systems once, and says of each sample what became of it", () => {
    const all = Array.from({ length: 19 }, (_, index) => index + 1);
    expect(ROWS.map(({ number }) => number)).toEqual(all);
    expect([...SAMPLES.matchAll(/^(\d+)\. \S/gm)].map(([, number]) => Number(number))).toEqual(all);
  });

  it.each(ROWS)("$number names folders, commands and tests that there are", ({ folders, commands, tests }) => {
    expect(folders.length).toBeGreaterThan(0);
    expect(folders.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter(path => !isTest(path))).toEqual([]);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter(command => !isThere(command))).toEqual([]);
  });

  it.each(ROWS.flatMap(({ commands }) => commands.filter(command => command.startsWith("meshwright manifest "))))(
    "%s runs",
    async command => {
      const run = promisify(execFile);
      const { stdout } = await run(process.execPath, ["dist/cli.js", ...command.split(" ").slice(1)], { cwd: ROOT });
      expect(stdout).toContain("user");
    },
  );
});

/** What a cell links to, from the repository's folder. */
function links(cell: string): string[] {
  return [...cell.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = ""]) => join("docs", path));
}

function isTest(path: string): boolean {
  const file = join(ROOT, path);
  return path.endsWith(".test.ts") && existsSync(file) && /\bit(\.each|\.skipIf)?\(/.test(readFileSync(file, "utf8"));
}

/** Whether what a command names is there: the npm script, the command of meshwright, the file, the kustomization. */
function isThere(command: string): boolean {
  const words = command.split(" ");
  const [program = "", first = "", second = "", third = ""] = words;
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  if (program === "npm") return first === "run" && second in scripts;
  if (program === "meshwright") return existsSync(join(ROOT, "scripts", "commands", `${first}.ts`));
  if (program === "kubectl") return existsSync(join(ROOT, third, "kustomization.yaml")) && second === "-k";
  if (program === "envoy") return first === "-c" && existsSync(join(ROOT, second));
  if (program === "node") return existsSync(join(ROOT, first));
  const script = join(ROOT, program);
  return existsSync(script) && (statSync(script).mode & 0o100) !== 0;
}
