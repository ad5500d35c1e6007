import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { decodedMappings, TraceMap } from "@jridgewell/trace-mapping";
import { beforeAll, describe, expect, it } from "vitest";
import { functionBodies, functionNames, readWasm } from "../../scripts/abi/index.ts";
import { BuildError, type BuildResult, buildModule, type MapExtension, ownProject, readIdentity } from "../../scripts/build/index.ts";
import { buildInto, fixture, PROJECT, ROOT, temporaryFolder } from "./fixtures.ts";

// Node has it; the declarations that fit Node 20 have only its types.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object, imports: object) => { exports: Record<string, (...args: number[]) => number> };
  };
};

const folder = temporaryFolder();

describe("a built module", () => {
  let built: BuildResult;
  beforeAll(async () => {
    built = await buildInto(folder, fixture("headers-only"), { debug: false });
  });

  it("has the same bytes when built again", async () => {
    const again = await buildInto(folder, fixture("headers-only"), { debug: false });
    expect(again.meta).toEqual(built.meta);
  });

  it("holds no path of the machine that built it", () => {
    const { wasmFile, mapFile } = built;
    expect(readFileSync(wasmFile, "latin1")).not.toContain(ROOT);
    expect(readFileSync(mapFile, "utf8")).not.toContain(ROOT);
  });

  it("has function names although it is optimised", () => {
    const names = [...functionNames(readWasm(readFileSync(built.wasmFile))).values()];
    expect(names).toContain("assembly/sdk/callbacks/http/proxy_on_request_headers");
  });

  it.each([false, true])("has a source map that leads from a trap to its line (debug: %s)", async debug => {
    const { wasmFile, mapFile } = await buildInto(folder, fixture("crash"), { debug, outFile: join(folder, "crash.wasm") });
    const offset = trapOffset(readFileSync(wasmFile));
    const map = new SourceMap(JSON.parse(readFileSync(mapFile, "utf8")));
    const entry = map.findEntry(0, offset) as { originalSource: string; originalLine: number };
    expect(entry.originalSource).toContain("host-tests/build/fixtures/assembly/crash.ts");
    const lines = readFileSync(fixture("crash"), "utf8").split("\n");
    expect(entry.originalLine).toBe(lines.findIndex(line => line.includes("sum /")));
  });
});

describe("a source map", () => {
  it("says which module it belongs to, and names the functions of that module", async () => {
    const { wasmFile, mapFile, meta } = await buildInto(folder, fixture("headers-only"), { debug: false });
    const { file, names, x_meshwright } = readMap(mapFile);
    expect(file).toBe("module.wasm");
    expect(x_meshwright.module).toEqual({ name: "headers-only", version: ownProject().version, sha256: meta.sha256 });
    const inModule = functionNames(readWasm(readFileSync(wasmFile)));
    expect(x_meshwright.functions.map(([, , name]) => names[name])).toEqual([...inModule.values()].slice(-x_meshwright.functions.length));
  });

  it("leaves no instruction of a function without a location once there was one", async () => {
    const { wasmFile, mapFile } = await buildInto(folder, fixture("crash"), { debug: true, outFile: join(folder, "gaps.wasm") });
    const { mappings, names } = readMap(mapFile);
    const segments = decode(mappings);
    const outline = readWasm(readFileSync(wasmFile));
    const imported = outline.imports.filter(({ kind }) => kind === "function").length;
    const bodies = functionBodies(readFileSync(wasmFile), imported);
    const divide = bodies.find(({ index }) => functionNames(outline).get(index)?.endsWith("/crash/divide"));
    const inside = segments.filter(([offset = -1]) => divide && offset >= divide.start && offset < divide.end);
    expect(inside.length).toBeGreaterThan(2);
    // Offset, source, line, column, and whose code it is.
    for (const segment of inside) expect(segment).toHaveLength(5);
    expect(new Set(inside.map(([, , , , name]) => names[name ?? -1]))).toEqual(
      new Set(["host-tests/build/fixtures/assembly/crash/divide"]),
    );
  });

  it("names the SDK by the path by which one imports it, and the user's files by their own", async () => {
    const inside = readMap((await buildInto(folder, fixture("crash"))).mapFile).sources;
    expect(inside).toContain("meshwright/assembly/sdk/abort.ts");
    expect(inside).toContain("host-tests/build/fixtures/assembly/crash.ts");
    const { mapFile } = await buildModule(PROJECT, { outFile: join(folder, "edge-identity.wasm"), debug: true });
    const outside = readMap(mapFile).sources;
    expect(outside).toContain("meshwright/assembly/sdk/abort.ts");
    expect(outside).toContain("assembly/index.ts");
    expect(outside.filter(path => path.startsWith("~lib/meshwright"))).toEqual([]);
  });
});

describe("a user's project", () => {
  it("imports meshwright by name and gets its own name, version and schema into the module", async () => {
    const { wasmFile, meta } = await buildModule(PROJECT, { outFile: join(folder, "edge-identity.wasm"), debug: true });
    const sdkVersion = ownProject().version;
    const { ascVersion } = meta;
    const configSchema = JSON.parse(readFileSync(join(PROJECT, "assembly", "config.schema.json"), "utf8"));
    expect(readIdentity(readFileSync(wasmFile))).toEqual({ name: "edge-identity", version: "3.2.1", sdkVersion, ascVersion, configSchema });
    expect(meta.exports).toContain("proxy_on_request_headers");
    expect(meta.exports).not.toContain("proxy_on_request_body");
  });
});

describe("a build that cannot go on", () => {
  it("shows the compiler's message and the line", async () => {
    const error = await buildInto(folder, fixture("broken")).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BuildError);
    expect((error as BuildError).code).toBe("compile");
    expect((error as BuildError).message).toContain("host-tests/build/fixtures/assembly/broken.ts(1,22)");
  });

  it("says what it looked for when there is no entry", async () => {
    await expect(buildModule(join(folder, "nothing"))).rejects.toMatchObject({ code: "entry-missing" });
  });
});

interface OurMap {
  readonly file: string;
  readonly sources: string[];
  readonly names: string[];
  readonly mappings: string;
  readonly x_meshwright: MapExtension;
}

function readMap(file: string): OurMap {
  return JSON.parse(readFileSync(file, "utf8")) as OurMap;
}

function decode(mappings: string): readonly number[][] {
  return (decodedMappings(new TraceMap({ version: 3, sources: [], names: [], mappings }))[0] ?? []).map(segment => [...segment]);
}

/** Calls `divide(1, 0)` in a module whose hostcalls all answer 0; returns the offset that V8, and so Envoy, reports. */
function trapOffset(wasm: Uint8Array): number {
  const imports: Record<string, Record<string, () => number>> = {};
  for (const { module, name } of readWasm(wasm).imports) imports[module] = { ...imports[module], [name]: () => 0 };
  const { divide } = new WebAssembly.Instance(new WebAssembly.Module(wasm), imports).exports;
  try {
    divide?.(1, 0);
  } catch (error) {
    const offset = /wasm-function\[\d+\]:0x([0-9a-f]+)/.exec((error as Error).stack ?? "")?.[1];
    if (offset !== undefined) return Number.parseInt(offset, 16);
  }
  throw new Error("divide(1, 0) did not trap in WebAssembly code");
}
