import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { buildInto, temporaryFolder } from "./fixtures.ts";

/** A filter with these lines in its callback, one below the other. */
const filterOf = (statements: readonly string[], imports = "", members = ""): string =>
  `import { HeaderList, HeadersStatus, HttpCall, HttpContext, registerHttpFilter } from "meshwright/assembly"; ${imports}
interface Rule { name: string }
class Filter extends HttpContext {
  names: string[] = []; ${members}
  onRequestHeaders(endOfStream: bool): HeadersStatus {
${statements.map(each => `    ${each}`).join("\n")}
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<Filter>("filter");
`;
/** The line of the first statement. */
const FIRST = 6;

type Row = [what: string, statement: string, instead: string];

/** What the parser refuses. */
const SYNTAX: Row[] = [
  ["await", "const answer = await fetch();", "there are no promises"],
  ["?.", 'const path = this.requestHeaders.get("a")?.length;', "an if: there is neither ?."],
  ["destructuring", "const { names } = this;", "one const for each property"],
  ["spread of an object", "const all = { ...this, more: 1 };", "there is no spread"],
  ["for … in", "for (const i in this.names) endOfStream;", "count: for (let i = 0;"],
  ["a private name", "this.#secret = 1;", "private: a name can't begin with #"],
  ["an index signature", "const counts: { [key: string]: i32 } = new Map();", "Map<string, T>"],
];

/** What the compiler refuses. */
const MEANING: Row[] = [
  ["a generic function without its type", "const lengths = this.names.map(name => name.length);", "list.map<string>("],
  ["any", "const a: any = 5;", "the type that it has"],
  ["undefined", 'if (this.requestHeaders.get("a") !== undefined) return HeadersStatus.Continue;', "null"],
  ["Record", "const record: Record<string, string> = new Map();", "Map<string, T>"],
  ["setTimeout", "setTimeout(() => {}, 5);", "plugin.after("],
  ["fetch", 'fetch("http://auth");', "new HttpCall("],
  ["Buffer", 'Buffer.from("x");', "base64Encode, hexEncode"],
  ["URL", 'const url = new URL("x");', "urlPath, urlQuery, queryParameter"],
  ["JSON.parse", 'const parsed = JSON.parse("{}");', "Config or JsonParser"],
  ["JSON.stringify", 'const text = JSON.stringify("x");', "JsonWriter"],
  ["process.env", "const region = process.env.REGION;", 'Environment.get("REGION") in onConfigure'],
  ["find", 'const found = ["a"].find(each => each == "a");', "findIndex"],
  ["forEach of a map", "new Map<string, string>().forEach(value => {});", "keys() or values()"],
  ["this in a function", 'new HttpCall("a").then<Filter>(this, context => { this.continueRequest(); });', "context.continueRequest"],
  ["headers[name]", 'const user = this.requestHeaders["user"];', '.get("name")'],
  ["headers as an array", 'this.sendLocalResponse(403, "", [["a", "b"]]);', 'new HeaderList().add("name", "value")'],
  ["headers as an object", 'this.sendLocalResponse(403, "", { a: "b" });', 'new HeaderList().add("name", "value")'],
  ["an object of an interface", 'const rules: Rule[] = [{ name: "a" }];', "a class in place of the interface"],
  ["an object of no class", 'const object = { error: "x" };', "a class, and new for its objects"],
  ["the present date", "const date = new Date();", "new Date(<i64>(Clock.now() / 1000000))"],
  ["Number()", 'const five = Number("5");', "parseFloat(text) or I32.parseInt(text)"],
  ["String()", "const text5 = String(5);", "value.toString()"],
  ["a number of another type", 'const n: i32 = parseInt("5");', "<i32>value"],
  [
    "a value that may be null for a generic function",
    "const bytes = new Uint8Array(1); const none = maybe(); if (none != null) bytes.set(none);",
    "target.set<Uint8Array>(source)",
  ],
  ["a number as text", 'this.requestHeaders.set("n", 5);', "value.toString()"],
];

describe.each([
  { about: "what is no AssemblyScript", rows: SYNTAX },
  { about: "what TypeScript has", rows: MEANING },
])("the compiler's error for $about", ({ rows }) => {
  const folder = temporaryFolder();
  let said: string[] = [];
  beforeAll(async () => {
    writeFileSync(join(folder, "package.json"), '{"name": "filter"}');
    const more = "function maybe(): Uint8Array | null { return null; }";
    writeFileSync(
      join(folder, "filter.ts"),
      filterOf(
        rows.map(([, statement]) => statement),
        more,
      ),
    );
    const error: Error = await buildInto(folder, join(folder, "filter.ts")).then(
      () => new Error("it is built"),
      each => each,
    );
    said = error.message.split("\n");
  });

  it.each(rows.map((row, i) => [row[0], FIRST + i, row[2]] as const))("has its line and what to write instead: %s", (_, line, instead) => {
    const hints = said.filter(each => each.includes("write instead: "));
    const mine = hints.filter(each => each.includes(`filter.ts:${line}: `) || /~lib\/typedarray/.test(each));
    expect(mine.join("\n") || said.join("\n")).toContain(instead);
  });

  it("leaves out what only follows from another", () => {
    expect(said.filter(each => each.startsWith("ERROR") && each.includes("'auto'") && !each.includes("<object>"))).toEqual([]);
  });
});

describe("the compiler's error for an import", () => {
  const folder = temporaryFolder();
  it.each([
    ["the package itself", 'import { Nope } from "meshwright";', '"meshwright/assembly"'],
    ["a module of Node's", 'import { readFileSync } from "fs";', "Node's own modules are not there"],
    ["Node's crypto", 'import { createHash } from "crypto";', "sha256, hmacSha256"],
    ["a package that is missing", 'import { leftPad } from "left-pad";', "npm install left-pad,"],
  ])("says what to write instead: %s", async (_, statement, instead) => {
    writeFileSync(join(folder, "package.json"), '{"name": "filter"}');
    writeFileSync(join(folder, "filter.ts"), filterOf([], statement));
    await expect(buildInto(folder, join(folder, "filter.ts"))).rejects.toThrow(instead);
  });
});

describe("the compiler's error for a member that the SDK's class has", () => {
  const folder = temporaryFolder();
  it.each([
    ["a field", 'id: string = "";', "another name: the class that it extends has id already"],
    ["a callback that answers something else", "onLog(): i32 { return 1; }", "the same types as in the class that it extends"],
  ])("says what to write instead: %s", async (_, member, instead) => {
    writeFileSync(join(folder, "package.json"), '{"name": "filter"}');
    writeFileSync(join(folder, "filter.ts"), filterOf([], "", member));
    await expect(buildInto(folder, join(folder, "filter.ts"))).rejects.toThrow(instead);
  });
});
