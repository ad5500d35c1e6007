import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./fixtures.ts";

const TEMPLATE = "scripts/init/templates/http";
/** Not ours, or written by other tests while this one reads. */
const PASSED_OVER = new Set(["node_modules", ".git", ".cache", "dist", "build"]);
const DOCUMENTS = documentsIn("");

describe.each(DOCUMENTS)("%s", file => {
  const text = readFileSync(join(ROOT, file), "utf8");

  it("links to files that exist", () => {
    const links = [...withoutCode(text).matchAll(/\]\(<?([^)>\s]+)>?\)/g)].map(match => match[1] ?? "");
    const local = links.filter(link => !/^[a-z]+:|^#/.test(link)).map(link => link.replace(/#.*$/, ""));
    expect(local.filter(link => !existsSync(join(ROOT, dirname(file), link)))).toEqual([]);
  });

  it("names npm scripts that exist", () => {
    const named = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)].map(match => match[1] ?? match[2] ?? "");
    expect(named.filter(name => !scriptsFor(file).includes(name))).toEqual([]);
  });

  it("names commands of meshwright that exist", () => {
    const named = [...text.matchAll(/(?:^|`|npx |\$ )meshwright ([a-z]+)\b/gm)].map(match => match[1] ?? "");
    expect(named.filter(name => !commands().includes(name))).toEqual([]);
  });
});

function documentsIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : documentsIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** The scripts of the package that a document speaks of: its own, and for a guide also those of the project that the reader makes. */
function scriptsFor(file: string): string[] {
  let folder = dirname(file);
  while (!existsSync(join(ROOT, folder, "package.json"))) folder = dirname(folder);
  const folders = [folder, ".", ...(file.startsWith("docs/") ? [TEMPLATE] : [])];
  return folders.flatMap(each => Object.keys(JSON.parse(readFileSync(join(ROOT, each, "package.json"), "utf8")).scripts ?? {}));
}

/** Code blocks hold calls such as `a[0](b)` that only look like links. */
function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}

let known: string[] | undefined;

function commands(): string[] {
  known ??= [
    ...execFileSync(process.execPath, [join(ROOT, "dist", "cli.js"), "--help"], { encoding: "utf8" }).matchAll(/^ {2}([a-z]+)(?: |$)/gm),
  ].map(match => match[1] ?? "");
  return known;
}
