/** Filters for other SDKs, built with compat: which imports it takes, what it adapts, and what it says of the rest. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BuildOptions, BuildResult } from "../../scripts/build/index.ts";
import { buildProject, refusalOf, temporaryFolder, writeProject } from "./fixtures.ts";

const folder = temporaryFolder();
let projects = 0;

/** Builds `files`, of which index.ts is the entry, in a project of their own. */
const build = (files: Readonly<Record<string, string>>, options: BuildOptions = {}): Promise<BuildResult> =>
  buildProject(writeProject(join(folder, `project-${projects++}`), files), options);

const refusal = (files: Readonly<Record<string, string>>, options: BuildOptions = {}): Promise<string> => refusalOf(build(files, options));

/** A filter for today's compiler that adds a header. */
const filter = (api: string, proxy: string): string => `
  export * from "${proxy}";
  import { Context, FilterHeadersStatusValues, RootContext, registerRootContext, stream_context } from "${api}";
class Root extends RootContext {
  createContext(id: u32): Context { return new Stream(id, this); }
}
class Stream extends Context {
  constructor(id: u32, root: Root) { super(id, root); }
  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    stream_context.headers.request.add("x-added", this.root_context.getConfiguration());
    return FilterHeadersStatusValues.Continue;
  }
}
registerRootContext((id: u32) => new Root(id), "filter");
`;

/** The same around the body of onRequestHeaders, with more imports. */
const withBody = (body: string, more = ""): string =>
  filter("@solo-io/proxy-runtime", "@solo-io/proxy-runtime/proxy")
    .replace("import { ", `import { HeaderPair, log, LogLevelValues${more}, `)
    .replace('stream_context.headers.request.add("x-added", this.root_context.getConfiguration());', body);

/** Nothing of the streams can tell whether each has its own context, so the host need not tell of their beginning and end. */
const CALLBACKS = ["proxy_on_configure", "proxy_on_request_headers"];
/** The Higress SDK's may be one root context for several configurations. */
const HIGRESS_CALLBACKS = [...CALLBACKS, "proxy_on_context_create", "proxy_on_delete"].sort();

describe("imports of another SDK", () => {
  it.each([
    ["@solo-io/proxy-runtime", "@solo-io/proxy-runtime/proxy"],
    ["@solo-io/proxy-runtime/runtime", "@solo-io/proxy-runtime/exports"],
    ["@solo-io/proxy-runtime/assembly", "@solo-io/proxy-runtime/assembly/proxy"],
    ["@solo-io/proxy-runtime/assembly/index", "@solo-io/proxy-runtime/assembly/exports"],
    ["@solo-io/proxy-runtime/assembly/runtime", "@solo-io/proxy-runtime/assembly/proxy"],
    ["@solo-io/envoy/runtime", "@solo-io/envoy"],
    ["@kong/proxy-wasm-sdk", "@kong/proxy-wasm-sdk/proxy"],
    ["@kong/proxy-wasm-sdk/assembly", "@kong/proxy-wasm-sdk/assembly/proxy"],
    ["@gcoredev/proxy-wasm-sdk-as/assembly", "@gcoredev/proxy-wasm-sdk-as/assembly/proxy"],
    ["@higress/proxy-wasm-assemblyscript-sdk/assembly", "@higress/proxy-wasm-assemblyscript-sdk/assembly/proxy"],
  ])("of %s and %s are compat's", async (api, proxy) => {
    const { meta, warnings } = await build({ "index.ts": filter(api, proxy) });
    expect(meta.exports.filter(name => name.startsWith("proxy_on_") && name !== "proxy_on_memory_allocate").sort()).toEqual(
      api.startsWith("@higress") ? HIGRESS_CALLBACKS : CALLBACKS,
    );
    const name = proxy.split("/").slice(0, 2).join("/");
    const note = "Meshwright's compat stands in for it (--no-compat compiles the installed package)";
    expect(warnings).toEqual([`build: filter is written for ${name}; ${note}`]);
  });

  it("need no re-export of the callbacks, and may stand in any file", async () => {
    const index = filter("./sdk", "./sdk").replace('export * from "./sdk";', "");
    const { meta } = await build({ "index.ts": index, "sdk.ts": 'export * from "@solo-io/proxy-runtime";' });
    expect(meta.exports).toEqual(expect.arrayContaining(CALLBACKS));
  });

  it.each([
    ["@solo-io/proxy-runtime", "@solo-io/proxy-runtime/proxy"],
    ["@gcoredev/proxy-wasm-sdk-as/assembly", "@gcoredev/proxy-wasm-sdk-as/assembly/proxy"],
    ["@higress/proxy-wasm-assemblyscript-sdk/assembly", "@higress/proxy-wasm-assemblyscript-sdk/assembly/proxy"],
  ])("may be a namespace: %s", async (api, proxy) => {
    const index = filter(api, proxy)
      .replace("import {", `import * as sdk from "${api}";\nimport {`)
      .replace("stream_context.headers", "sdk.stream_context.headers")
      .replace("FilterHeadersStatusValues.Continue", "sdk.FilterHeadersStatusValues.Continue")
      .replace("extends Context", "extends sdk.Context");
    await expect(build({ "index.ts": index })).resolves.toBeDefined();
  });

  it("may export what the callbacks are made of, file by file", async () => {
    const index = filter("@kong/proxy-wasm-sdk/assembly", "@kong/proxy-wasm-sdk/assembly/exports");
    const { meta } = await build({ "index.ts": `export { malloc } from "@kong/proxy-wasm-sdk/assembly/malloc";\n${index}` });
    expect(meta.exports).toEqual(expect.arrayContaining([...CALLBACKS, "malloc"]));
  });

  it("with a transform that is not installed, or a regular expression, say that it does nothing", async () => {
    const asconfig = '{ "options": { "transform": ["json-as/transform", "@assemblyscript/wasi-shim/transform"] } }';
    const index = withBody('const words = new RegExp("a+"); log(LogLevelValues.info, words.toString());');
    const { warnings } = await build({ "index.ts": index, "asconfig.json": asconfig });
    expect(warnings.slice(1)).toEqual([
      expect.stringMatching(
        /asconfig\.json of filter names json-as\/transform, which is not installed; run npm install; what it adds to classes is missing/,
      ),
      expect.stringMatching(/^index\.ts:\d+:\d+: new RegExp\(\) aborts when it is reached: AssemblyScript has no regular expressions/),
    ]);
  });

  it("with a transform that fails beside this compiler are built without it", async () => {
    const files = {
      "index.ts": withBody(""),
      "asconfig.json": '{ "options": { "transform": "./old.mjs" } }',
      "old.mjs": 'export default class { afterParse() { throw new Error("visitor: unknown kind of node"); } }',
    };
    const { warnings } = await build(files);
    expect(warnings.slice(1)).toEqual([
      expect.stringMatching(
        /a transform that asconfig\.json of filter names failed: visitor: unknown kind of node; what it adds to classes is missing/,
      ),
    ]);
  });

  it("go to the installed package with --no-compat", async () => {
    const files = { "index.ts": filter("@solo-io/proxy-runtime", "@solo-io/proxy-runtime/proxy") };
    expect(await refusal(files, { compat: false })).toMatch(/File '~lib\/@solo-io\/proxy-runtime\/proxy\.ts' not found/);
  });

  it("name files that the packages have", async () => {
    const message = await refusal({ "index.ts": filter("@solo-io/proxy-runtime/assembly/http", "@solo-io/proxy-runtime/proxy") });
    expect(message).toMatch(
      /^build: filter imports @solo-io\/proxy-runtime\/assembly\/http, which compat does not have; import what it takes/,
    );
  });

  it("of packages whose files moved into assembly/ are found there", async () => {
    const { meta } = await build({
      "index.ts": withBody("twice(2);").replace("class Root", 'import { twice } from "old-package";\nclass Root'),
      "node_modules/old-package/assembly/index.ts": "export function twice(n: i32): i32 { return 2 * n; }",
    });
    expect(meta.exports).toEqual(expect.arrayContaining(CALLBACKS));
  });
});

describe("source for older compilers", () => {
  const old = (text: string): string => `
  export * from "@solo-io/proxy-runtime/proxy";
  import { BaseContext, Context, ContextHelper, FilterHeadersStatusValues, HeaderPair, Headers, log, LogLevelValues, registerRootContext, RootContext, RootContextHelper, stream_context } from "@solo-io/proxy-runtime";
${text}`;
  const ROOT = "class Root extends RootContext { createContext(): Context { return ContextHelper.wrap(new Stream(this)); } }";
  const REGISTER = 'registerRootContext(() => { return RootContextHelper.wrap(new Root()); }, "filter");';

  it.each([
    ["a function", "function make(): RootContext { return new Root(); }", "make"],
    ["a static method", "class Roots { static make(): Root { return new Root(); } }", "Roots.make"],
    ["a variable", "const make = (): RootContext => RootContextHelper.wrap(new Root());", "make"],
    ["a function with an id of another type", "function make(id: usize): RootContext { return new Root(); }", "make"],
  ])("may register a root context with the name of what makes it: %s", async (_, made, name) => {
    const stream =
      "class Stream extends Context { onRequestHeaders(a: u32): FilterHeadersStatusValues { return FilterHeadersStatusValues.Continue; } }";
    const root = ROOT.replace("new Stream(this)", "new Stream()");
    const { meta } = await build({
      "index.ts": old(
        `${root}\n${stream}\n${made}\nregisterRootContext(${name}, "filter");\n${made.includes("make()") ? `${name}();` : ""}`,
      ),
    });
    expect(meta.exports).toContain("proxy_on_request_headers");
  });

  it("of 0.1.4 builds: no ids, no constructors, helpers, a narrower root_context, the configuration as bytes, fields without a value", async () => {
    const { meta } = await build({
      "index.ts": old(`
class Root extends RootContext {
  configuration : string;
  list: string[];
  kept: Kept<Root> = new Kept<Root>();
  onConfigure(): bool {
    let conf_buffer = super.getConfiguration();
    this.configuration = String.UTF8.decode(conf_buffer);
    this.list = this.configuration.split(",");
    return true;
  }
  createContext(): Context { return ContextHelper.wrap(new Stream(this)); }
}
class Kept<T> {
  values: T[];
  constructor() {
    log(LogLevelValues.debug, this.toString());
    this.values = [];
  }
  toString(): string { return "kept"; }
}
class Stream extends Context {
  root_context : Root;
  constructor(root_context: Root) {
    super();
    this.root_context = root_context;
  }
  onResponseHeaders(a: u32): FilterHeadersStatusValues {
    stream_context.headers.response.add("hello", this.root_context.configuration + this.root_context.list[0]);
    return FilterHeadersStatusValues.Continue;
  }
}
${REGISTER}`),
    });
    expect(meta.exports).toContain("proxy_on_response_headers");
    expect(meta.exports).not.toContain("proxy_on_request_headers");
  });

  it.each([
    ["a context of its own type", "this", "(origin: Stream, headers: u32, size: u32, trailers: u32) => { origin.later(); }"],
    ["a context of type Context", "this", "(origin: Context, headers: u32, size: usize, trailers: u32) => { (origin as Stream).later(); }"],
    [
      "a context by its number",
      "this.context_id",
      "(origin: u32, headers: u32, size: usize, trailers: u32) => { log(LogLevelValues.info, origin.toString()); }",
    ],
    ["fewer arguments, no braces", "this", "(origin: Stream) => origin.later()"],
    ["a function by its name", "this", "answered"],
  ])("whose callback gets %s builds", async (_, origin, callback) => {
    const { meta } = await build({
      "index.ts": old(`
${ROOT}
function answered(origin: Stream, headers: u32, size: usize, trailers: u32): void { origin.later(); }
class Stream extends Context {
  constructor(root: Root) { super(0, root); }
  later(): void { this.continueRequest(); }
  onRequestHeaders(a: u32): FilterHeadersStatusValues {
    this.root_context.httpCall("answers", [], new ArrayBuffer(0), [], 1000, ${origin}, ${callback});
    return FilterHeadersStatusValues.StopIteration;
  }
}
${REGISTER}`),
    });
    expect(meta.exports).toContain("proxy_on_http_call_response");
  });

  it("that takes the configuration for bytes, by a name that means something else elsewhere, builds", async () => {
    const text = withBody("const bytes = headers[0].value; log(LogLevelValues.info, String.UTF8.decode(bytes));")
      .replace("const bytes", "const headers = stream_context.headers.request.get_headers(); const bytes")
      .replace(
        "createContext",
        "text: string = '';\n  onConfigure(): bool { let bytes = super.getConfiguration(); this.text = String.UTF8.decode(bytes); return true; }\n  createContext",
      );
    await expect(build({ "index.ts": text })).resolves.toBeDefined();
  });

  it("of 0.1.1, which reads the configuration as bytes in other ways, builds", async () => {
    const { meta } = await build({
      "index.ts": old(`
class Root extends RootContext {
  text: string = "";
  size: i32;
  onConfigure(): bool {
    let conf: ArrayBuffer = this.getConfiguration();
    if (conf.byteLength == 0) return true;
    this.text = String.UTF8.decode(conf) + first(super.getConfiguration());
    return true;
  }
  createContext(): Context { return ContextHelper.wrap(new Stream(this)); }
}
function first(bytes: ArrayBuffer): string { return Uint8Array.wrap(bytes)[0].toString(); }
class Stream extends Context {
  constructor(root: Root) { super(0, root); }
  onResponseHeaders(a: u32): FilterHeadersStatusValues { return FilterHeadersStatusValues.Continue; }
}
${REGISTER}`),
    });
    expect(meta.exports).toContain("proxy_on_response_headers");
  });

  it("whose constructor declares a narrower root_context, and whose callback is a variable, builds", async () => {
    const { meta } = await build({
      "index.ts": old(`
class Root extends RootContext {
  name: string = "n";
  createContext(id: u32): Context { return new Stream(id, this); }
}
class Stream extends Context {
  constructor(id: u32, public root_context: Root) { super(id, root_context); }
  onRequestHeaders(a: u32): FilterHeadersStatusValues {
    let answered = (c: Context, headers: u32, size: usize, trailers: u32): void => { (c as Stream).continueRequest(); };
    this.root_context.httpCall(this.root_context.name, [], new ArrayBuffer(0), [], 1000, this, answered);
    return FilterHeadersStatusValues.StopIteration;
  }
}
registerRootContext((id: u32) => { return new Root(id); }, "filter");`),
    });
    expect(meta.exports).toContain("proxy_on_http_call_response");
  });

  it("that aborts by WASI, and whose methods answer nothing, builds", async () => {
    const text = withBody("new ArrayBuffer(8);")
      .replace("class Root", 'import "wasi";\nclass Root')
      .replace("createContext", "onConfigure(size: u32): void { if (size == 0) return; super.onConfigure(size); }\n  createContext")
      .replace("onRequestHeaders", "onDone(): void { }\n  onRequestHeaders");
    await expect(build({ "index.ts": text })).resolves.toBeDefined();
  });

  it("whose interface has methods with type parameters builds", async () => {
    const option = `
interface Optional<T> {
  isThere(): bool;
  /** Of what is there. */
  map<U>(make: (value: T) => U, otherwise: U): U;
}
export class Option<T> implements Optional<T> {
  constructor(private value: T, private there: bool) {}
  isThere(): bool { return this.there; }
  map<U>(make: (value: T) => U, otherwise: U): U { return this.there ? make(this.value) : otherwise; }
}
`;
    const body = 'log(LogLevelValues.info, new Option<i32>(5, end).map<string>((value: i32) => value.toString(), "none"));';
    const index = `import { Option } from "./option";${withBody(body)}`;
    expect((await build({ "index.ts": index, "option.ts": option })).meta.exports).toContain("proxy_on_request_headers");
  });

  it("with labels of another type than what they are compared with builds", async () => {
    const names = `
const TAB = 9;
export function nameOf(text: string): string {
  const char = load<u16>(changetype<usize>(text));
  switch (char) {
    case TAB: return "tab";
    default: return "text";
  }
}
`;
    const index = `import { nameOf } from "./escape";${withBody('log(LogLevelValues.info, nameOf(this.root_context.getConfiguration() + "a"));')}`;
    expect((await build({ "index.ts": index, "escape.ts": names })).meta.exports).toContain("proxy_on_request_headers");
  });

  it("that imports the standard library by its files builds", async () => {
    const text = withBody("new ArrayBuffer(8);").replace(
      "class Root",
      'import { ArrayBuffer } from "assemblyscript/std/assembly/arraybuffer";\nclass Root',
    );
    await expect(build({ "index.ts": text })).resolves.toBeDefined();
  });
});

describe("what the compiler refuses", () => {
  it.each([
    ["a closure", 'let prefix = "x"; ["a"].map<string>(each => prefix + each);', "keep the value in a field of the context"],
    ["for … of", "for (const h of stream_context.headers.request.get_headers()) { h.toString(); }", "count: for (let i = 0;"],
    ["try", 'try { log(LogLevelValues.info, ""); } catch (e) { }', "nothing can be caught"],
    ["a regular expression", "const pattern = /abc/;", "look with indexOf"],
    ["a union type", "let either: string | i32 = 3;", "one type; only T | null is there"],
    ["what may be null", "this.other.context_id;", "keep it in a const and test that"],
    ["null for a value", "let text: string = this.name;", "test that for null first"],
    ["reference counting", "__release(changetype<usize>(this));", "nothing: delete the call"],
    ["JSON", 'JSON.parse("{}");', "Config or JsonParser"],
    ["a field of one's own class", "this.root_context.limit;", "(context as MyClass).limit, where MyClass extends RootContext"],
    [
      "number for i32",
      "stream_context.headers.request.get_headers().forEach((h: HeaderPair, i: number, all: HeaderPair[]) => { });",
      "i32 for number",
    ],
    ["text and a number", 'log(LogLevelValues.info, "n" + true);', "value.toString()"],
    ["text for bytes", 'new HeaderPair("a", String.UTF8.encode("b"));', "String.UTF8.encode(text)"],
    ["destructuring", "const { key } = new HeaderPair();", "one const for each property"],
    ["?.", "let id = this.other?.context_id;", "an if: there is neither ?."],
  ])("is named with its line and what to write instead: %s", async (_, statement, instead) => {
    const text = withBody(statement).replace(
      "  constructor(",
      "  other: Stream | null = null;\n  name: string | null = null;\n  constructor(",
    );
    const line = text.split("\n").findIndex(each => each.includes(statement)) + 1;
    const message = await refusal({ "index.ts": text });
    const said = message.split("\n").find(each => each.includes("write instead: ")) ?? message;
    expect(said).toContain(`index.ts:${line}: write instead: `);
    expect(said).toContain(instead);
  });

  it.each([
    ["the compiler's own files", 'import { proc_exit } from "bindings/wasi_unstable";', "nothing: delete the import"],
    ["packages that are missing", 'import { decode } from "left-pad";', "npm install left-pad"],
    ["names that the SDK never had", 'import { nothing } from "@solo-io/proxy-runtime";', "only what @solo-io/proxy-runtime had"],
  ])("is named with its line and what to write instead: imports of %s", async (_, statement, instead) => {
    const message = await refusal({ "index.ts": withBody("").replace("class Root", `${statement}\nclass Root`) });
    expect(message).toContain(`index.ts:4: write instead: ${instead}`);
  });
});
