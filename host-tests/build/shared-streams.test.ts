/** When one context serves all streams of a root context: where nobody could tell, and nowhere else. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildProject, temporaryFolder, writeProject } from "./fixtures.ts";

const folder = temporaryFolder();
let projects = 0;

interface Parts {
  /** What the module imports from the SDK beside the usual. */
  imports?: string;
  /** Members of the root context beside `createContext`. */
  root?: string;
  create?: string;
  /** What the stream context extends. */
  base?: string;
  /** The constructor. */
  making?: string;
  /** Members of the stream context. */
  members?: string;
  /** The body of `onRequestHeaders`. */
  body?: string;
  /** At the top level. */
  more?: string;
}

function filterOf({
  imports = "",
  root = "",
  create = "return new Stream(id, this);",
  base = "Context",
  members = "",
  body = "",
  more = "",
  making = "constructor(id: u32, root: Root) { super(id, root); }",
}: Parts): string {
  const sdk = "@solo-io/proxy-runtime";
  return `
  export * from "${sdk}/proxy";
  import { Context, ContextHelper, FilterDataStatusValues, FilterHeadersStatusValues, RootContext, registerRootContext, stream_context${imports} } from "${sdk}";
${more}
class Root extends RootContext {
  label: string = "";
  count: i32 = 0;
  ${root}
  createContext(id: u32): Context { ${create} }
}
class Stream extends ${base} {
  ${members}
  ${making}
  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    ${body}
    stream_context.headers.request.add("x-added", this.root_context.getConfiguration());
    return FilterHeadersStatusValues.Continue;
  }
}
registerRootContext((id: u32) => new Root(id), "filter");
`;
}

/** The callbacks of streams that the module has. */
async function callbacks(parts: Parts): Promise<string[]> {
  const project = writeProject(join(folder, `project-${projects++}`), { "index.ts": filterOf(parts) });
  const { meta } = await buildProject(project);
  const notStreams = ["proxy_on_configure", "proxy_on_memory_allocate"];
  return meta.exports
    .filter(name => name.startsWith("proxy_on_") && !notStreams.includes(name))
    .map(name => name.slice("proxy_on_".length));
}

const OWN_FIELD = {
  members: "root: Root;",
  making: "constructor(root: Root) { super(); this.root = root; }",
  create: "return ContextHelper.wrap(new Stream(this));",
};

describe("one context for all streams", () => {
  it.each<[string, Parts, string[]]>([
    ["without fields", {}, []],
    ["with the root context under a name of its own", OWN_FIELD, []],
    [
      "with the root context as a parameter that is a field",
      { making: "constructor(id: u32, private owner: Root) { super(id, owner); }", body: "this.owner.count++;" },
      [],
    ],
    [
      "with the root context in a narrower type",
      { members: "root_context: Root;", making: "constructor(id: u32, root: Root) { super(id, root); this.root_context = root; }" },
      [],
    ],
    [
      "with constants",
      {
        members: 'private name: string = "x-a"; limit: i32 = 5; on: bool = true;',
        body: "if (this.on && this.limit == 5) this.root_context.getConfiguration();",
      },
      [],
    ],
    ["with what all streams share anyway", { members: "static seen: i32 = 0;", body: "Stream.seen++;" }, []],
    ["without a constructor", { making: "" }, []],
    ["with methods", { members: "twice(n: u32): u32 { return 2 * n; }", body: "this.twice(this.context_id);" }, []],
    ["that logs", { members: "onLog(): void { stream_context.headers.response.get('x-a'); }" }, ["log"]],
    [
      "that is told of the end",
      { members: "onDone(): bool { return true; } onDelete(): void { this.root_context.getConfiguration(); }" },
      ["delete", "done"],
    ],
    [
      "of a class between",
      { more: "class Between extends Context { constructor(id: u32, root: RootContext) { super(id, root); } }", base: "Between" },
      [],
    ],
    ["whose root context is told of its end", { root: "onDelete(): void { this.count = 0; }" }, ["delete"]],
  ])("%s", async (_, parts, expected) => {
    expect((await callbacks(parts)).sort()).toEqual([...expected, "request_headers"].sort());
  });
});

describe("a context for each stream", () => {
  it.each<[string, Parts]>([
    ["where a callback writes a field", { members: 'user: string = "";', body: 'this.user = "u";' }],
    ["in another way", { members: "seen: i32 = 0;", body: "this.seen += 1;" }],
    ["by one", { members: "seen: i32 = 0;", body: "++this.seen;" }],
    ["by one, afterwards", { members: "seen: i32 = 0;", body: "this.seen--;" }],
    ["in a list of expressions", { members: "seen: i32 = 0;", body: "let n = 0; n = 1, this.seen = n;" }],
    ["of the class above", { body: "super.context_id = 7;" }],
    [
      "where a method of a class between does",
      { more: "class Between extends Context { seen: i32 = 0; onLog(): void { this.seen++; } }", base: "Between" },
    ],
    ["where a setter does", { members: "seen: i32 = 0; set at(n: i32) { this.seen = n; }", body: "this.at = 1;" }],
    ["where a field holds what can change", { members: "seen: i32[] = [];", body: "this.seen.push(1);" }],
    [
      "where the constructor makes such a thing",
      {
        members: "seen: Map<string, string>;",
        making: "constructor(id: u32, root: Root) { super(id, root); this.seen = new Map(); }",
      },
    ],
    [
      "where the constructor keeps the number",
      { members: "own: u32;", making: "constructor(id: u32, root: Root) { super(id, root); this.own = id; }" },
    ],
    ["where a parameter keeps it", { making: "constructor(public own: u32, root: Root) { super(own, root); }" }],
    ["where the constructor does something", { making: "constructor(id: u32, root: Root) { super(id, root); root.count++; }" }],
    [
      "where a field takes what the root context has",
      { members: "label: string;", making: "constructor(id: u32, root: Root) { super(id, root); this.label = root.label; }" },
    ],
    ["where the root context does something for each", { create: "this.count++; return new Stream(id, this);" }],
    ["where it chooses", { create: "return id % 2 == 0 ? new Stream(id, this) : new Context(id, this);" }],
    ["where it keeps them", { root: "last: Context | null = null;", create: "return (this.last = new Stream(id, this));" }],
    [
      "where it hands on something else",
      { making: "constructor(id: u32, root: Root, n: i32) { super(id, root); }", create: "return new Stream(id, this, this.count);" },
    ],
    ["where it takes another root context", { more: "let other: Root | null = null;", create: "return new Stream(id, other!);" }],
    ["where a context is handed on", { more: "let held: Context[] = [];", body: "held.push(this);" }],
    ["where it has another name", { body: "const self = this; self.onRequestTrailers(0);" }],
    [
      "where it makes a call",
      {
        imports: ", BaseContext",
        body: 'this.root_context.httpCall("a", [], new ArrayBuffer(0), [], 1000, this, (c: BaseContext, h: u32, b: usize, t: u32) => {});',
      },
    ],
    ["where contexts are asked for by number", { imports: ", getContext", root: "onTick(): void { getContext(2).onDone(); }" }],
    ["where answers of gRPC come", { root: "on_grpc_receive(token: u32, size: u32): void { this.count++; }" }],
    [
      "where headers of the request are kept for the body",
      {
        members:
          'onRequestBody(size: u32, end: bool): FilterDataStatusValues { stream_context.headers.request.get("x-a"); return FilterDataStatusValues.Continue; }',
      },
    ],
  ])("%s", async (_, parts) => {
    expect(await callbacks(parts)).toEqual(expect.arrayContaining(["context_create", "delete"]));
  });
});
