/** Transforms of the compiler that a project names in its asconfig.json, as json-as is one. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import type { BuildOptions, BuildResult } from "../../scripts/build/index.ts";
import { buildProject, refusalOf, temporaryFolder, writeProject } from "./fixtures.ts";

const folder = temporaryFolder();
let projects = 0;

const FILTER = `
  import { HttpContext, HeadersStatus, registerHttpFilter } from "meshwright/assembly";
  const WORD = "written by hand";
  class Filter extends HttpContext {
    onRequestHeaders(endOfStream: bool): HeadersStatus {
      this.requestHeaders.set("x-word", WORD);
      return HeadersStatus.Continue;
    }
  }
  registerHttpFilter<Filter>("filter");
`;

/** Puts another text in the place of the constant's. */
const TRANSFORM = `
export default class {
  afterParse(parser) {
    for (const { statements } of parser.sources)
      for (const { declarations } of statements)
        for (const { name, initializer } of declarations ?? [])
          if (name.text === "WORD") initializer.value = "written by " + this.constructor.label;
  }
  static label = "LABEL";
}`;

function build(
  files: Readonly<Record<string, string>>,
  project = join(folder, `project-${projects++}`),
  options: BuildOptions = {},
): Promise<BuildResult> {
  return buildProject(writeProject(project, { "index.ts": FILTER, ...files }), options);
}

const refusal = (files: Readonly<Record<string, string>>): Promise<string> => refusalOf(build(files));

/** Texts of a program are UTF-16; the build packs them, each character's low byte. */
const says = ({ wasmFile }: BuildResult, text: string): boolean => {
  const bytes = readFileSync(wasmFile);
  return bytes.includes(Buffer.from(text, "utf16le")) || bytes.includes(Buffer.from(text, "latin1"));
};

const config = (transform: unknown): string => JSON.stringify({ options: { transform } });

/** Stands for a compiler of another version: only its parser has the mark. */
function compilerWith(mark: string): Readonly<Record<string, string>> {
  const real = (file: string): string => JSON.stringify(pathToFileURL(resolve("node_modules/assemblyscript/dist", file)).href);
  return {
    "node_modules/assemblyscript/package.json": '{ "name": "assemblyscript", "version": "0.25.2", "type": "module" }',
    "node_modules/assemblyscript/dist/assemblyscript.js": `export * from ${real("assemblyscript.js")};`,
    "node_modules/assemblyscript/dist/asc.js": `
      import { createMemoryStream, main as run } from ${real("asc.js")};
      const marks = { afterParse(parser) { parser["${mark}"] = true; } };
      export { createMemoryStream };
      export const main = (args, hooks) => run(args, { ...hooks, transforms: [marks, ...hooks.transforms] });`,
  };
}

/** As json-as does it. */
const ADDS_METHOD = `
import { Parser, Source, Tokenizer } from "assemblyscript/dist/assemblyscript.js";
const METHOD = 'word(): string { if (this.stream != 0) { return "from an older compiler"; }\\n return ""; }';
export default class {
  afterParse(parser) {
    if (!parser["another tree"]) throw new Error("unknown kind of node");
    for (const { statements } of parser.sources)
      for (const each of statements)
        if (each.name?.text === "Filter") each.members.push(new Parser().parseClassMember(new Tokenizer(new Source(0, "word.ts", METHOD)), each));
  }
}`;

const ASKS_METHOD = FILTER.replace("WORD);", "this.word());").replace("class Filter extends HttpContext {", "$&\n    stream: i32 = 1;");

describe("a transform in asconfig.json", () => {
  it("runs, from the project's folder and from a package", async () => {
    expect(says(await build({}), "written by hand")).toBe(true);
    const own = await build({ "asconfig.json": config("./own.mjs"), "own.mjs": TRANSFORM.replace("LABEL", "a file") });
    expect(says(own, "written by a file")).toBe(true);
    const library = await build({
      "asconfig.json": JSON.stringify({ targets: { release: { transform: ["words/transform"] } } }),
      "node_modules/words/package.json": '{ "name": "words", "version": "1.0.0", "exports": { "./transform": "./lib/index.mjs" } }',
      "node_modules/words/lib/index.mjs": TRANSFORM.replace("LABEL", "a package"),
    });
    expect(says(library, "written by a package")).toBe(true);
    expect(library.warnings).toEqual([]);
  });

  it("may stand in a script of package.json", async () => {
    const manifest = {
      name: "filter",
      scripts: { asbuild: "asc index.ts --transform ./own.mjs -O3", test: "other --transform ./none.mjs" },
    };
    const files = { "package.json": JSON.stringify(manifest), "own.mjs": TRANSFORM.replace("LABEL", "a script") };
    expect(says(await build(files), "written by a script")).toBe(true);
  });

  it("has the module built again when asconfig.json or the transform has changed", async () => {
    const project = join(folder, `project-${projects++}`);
    const files = { "one.mjs": TRANSFORM.replace("LABEL", "the first"), "two.mjs": TRANSFORM.replace("LABEL", "the second") };
    expect(says(await build({ ...files, "asconfig.json": config("./one.mjs") }, project), "written by the first")).toBe(true);
    expect(says(await build({ ...files, "asconfig.json": config("./two.mjs") }, project), "written by the second")).toBe(true);
    expect(says(await build({ "two.mjs": TRANSFORM.replace("LABEL", "the third") }, project), "written by the third")).toBe(true);
  });

  it("that is not installed, cannot be loaded or fails, is named with the reason", async () => {
    expect(await refusal({ "asconfig.json": config(["json-as/transform"]) })).toBe(
      "build: asconfig.json of filter names json-as/transform, which is not installed; run npm install",
    );
    expect(await refusal({ "asconfig.json": config("./bad.mjs"), "bad.mjs": 'throw new Error("twice");' })).toBe(
      "build: asconfig.json of filter names ./bad.mjs, which does not run beside this compiler: twice",
    );
    const failing = 'export default class { afterParse() { throw new Error("no such node"); } }';
    expect(await refusal({ "asconfig.json": config("./bad.mjs"), "bad.mjs": failing })).toBe(
      "build: a transform that asconfig.json of filter names failed: no such node",
    );
    expect(await refusal({ "asconfig.json": "{" })).toMatch(/^build: asconfig\.json of filter is not valid JSON: .*; correct it$/);
  });

  it("that was not installed runs once it is, also where nothing is built without need", async () => {
    const project = join(folder, `project-${projects++}`);
    const before = build({ "asconfig.json": config("@someone/words/transform") }, project, { reuse: true });
    expect(await refusalOf(before)).toMatch(/which is not installed/);
    const installed = {
      "node_modules/@someone/words/package.json": '{ "name": "@someone/words", "version": "1.0.0" }',
      "node_modules/@someone/words/transform.js": TRANSFORM.replace("export default", "module.exports =").replace("LABEL", "a package"),
    };
    const files = { "asconfig.json": config("@someone/words/transform"), ...installed };
    expect(says(await build(files, project, { reuse: true }), "written by a package")).toBe(true);
  });

  it("that also works on the program runs in the build's compiler, and takes it for its own, whatever version the project has", async () => {
    const transform = `import { NodeKind } from "assemblyscript/dist/assemblyscript.js";\n${TRANSFORM.replace("static label", "afterInitialize() {}\n  static label")}`;
    const files = {
      ...compilerWith("another tree"),
      "node_modules/assemblyscript/dist/assemblyscript.js": "export const NodeKind = { Source: 99 };",
      "node_modules/words/package.json": '{ "name": "words", "version": "1.0.0", "exports": { "./transform": "./lib/index.mjs" } }',
      "node_modules/words/lib/index.mjs": transform.replace('"LABEL"', 'NodeKind.Source === 0 ? "the compiler that runs" : "another one"'),
      "asconfig.json": config("words/transform"),
    };
    expect(says(await build(files), "written by the compiler that runs")).toBe(true);
  });

  it("for another version of the compiler runs in that one, and its additions stay within their lines", async () => {
    const files = {
      "asconfig.json": config("./own.mjs"),
      "own.mjs": ADDS_METHOD,
      ...compilerWith("another tree"),
      "index.ts": ASKS_METHOD,
    };
    const { warnings, ...result } = await build(files);
    expect(says({ warnings, ...result }, "from an older compiler")).toBe(true);
    expect(warnings).toEqual([]);
    const broken = ASKS_METHOD.replace("registerHttpFilter<Filter>", "registerHttpFilter<Nothing>");
    const line = broken.slice(0, broken.indexOf("<Nothing>")).split("\n").length;
    expect(await refusal({ ...files, "index.ts": broken })).toMatch(new RegExp(`name 'Nothing'[^]*index\\.ts\\(${line},`));
  });

  it("that fails in its own compiler, or works on the module, runs in the build's", async () => {
    const failing = 'export default class { afterParse(parser) { if (parser.mark) throw new Error("never"); } }';
    await expect(build({ "asconfig.json": config("./own.mjs"), "own.mjs": failing, ...compilerWith("mark") })).resolves.toBeDefined();
    const later =
      "export default class { afterParse(parser) { this.mark = parser.mark; } afterCompile() { if (this.mark) throw new Error(); } }";
    await expect(build({ "asconfig.json": config("./own.mjs"), "own.mjs": later, ...compilerWith("mark") })).resolves.toBeDefined();
  });

  it("leaves errors of the filter to the compiler", async () => {
    const files = {
      "asconfig.json": config("./own.mjs"),
      "own.mjs": TRANSFORM,
      "index.ts": FILTER.replace("HeadersStatus.Continue", "nothing"),
    };
    expect(await refusal(files)).toMatch(/asc: filter does not compile; correct this:\nERROR TS2304: Cannot find name 'nothing'/);
  });
});
