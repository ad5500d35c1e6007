import { readFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { checkModule, type ProblemCode } from "../../scripts/abi/index.ts";
import { ROOT } from "./fixtures.ts";

/** The least that Envoy accepts; a test puts one thing wrong. */
const PARTS = {
  imports: '(import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))',
  memory: '(memory (export "memory") 1)',
  marker: '(func $marker (export "proxy_abi_version_0_2_1"))',
  allocator: '(func $allocate (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 64))',
  callback: '(func $headers (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 0))',
  start: "",
};

function moduleWith(changes: Partial<typeof PARTS>, { names = true } = {}): Uint8Array {
  const module = binaryen.parseText(`(module ${Object.values({ ...PARTS, ...changes }).join("\n")})`);
  binaryen.setDebugInfo(names);
  const wasm = module.emitBinary();
  module.dispose();
  return wasm;
}

function problemsOf(wasm: Uint8Array, maxSize?: number) {
  return checkModule(wasm, maxSize === undefined ? { name: "build/x.wasm" } : { name: "build/x.wasm", maxSize });
}

describe("abi-check", () => {
  it("accepts the least that Envoy accepts", () => {
    expect(problemsOf(moduleWith({}))).toEqual([]);
  });

  it.each(["mesh-telemetry", "span-attributes", "trace-context"])("accepts %s", name => {
    expect(problemsOf(readFileSync(join(ROOT, "build", `${name}.wasm`)))).toEqual([]);
  });

  it.each<[string, ProblemCode, Partial<typeof PARTS>, string]>([
    [
      "the import that asc adds by itself",
      "import-unknown",
      { imports: '(import "env" "abort" (func (param i32 i32 i32 i32)))' },
      "imports env.abort, which Envoy lacks; build with --use abort=",
    ],
    [
      "a hostcall that 0.2 lost",
      "import-unknown",
      { imports: '(import "env" "proxy_clear_route_cache" (func (result i32)))' },
      'call the foreign function "clear_route_cache" instead',
    ],
    [
      "a WASI call that Envoy 1.37 lacks",
      "import-unknown",
      { imports: '(import "wasi_snapshot_preview1" "fd_sync" (func (param i32) (result i32)))' },
      "which Envoy lacks before 1.39",
    ],
    [
      "an imported memory",
      "import-unknown",
      { imports: '(import "env" "memory2" (memory 1))', memory: '(export "memory" (memory 0))' },
      "imports env.memory2",
    ],
    [
      "a hostcall with another signature",
      "import-signature",
      { imports: '(import "env" "proxy_log" (func (param i32 i32)))' },
      "imports env.proxy_log as (i32, i32) -> nothing; Envoy provides (i32, i32, i32) -> i32",
    ],
    ["no ABI version", "abi-version", { marker: "" }, "exports no ABI version; export proxy_abi_version_0_2_1"],
    ["an older ABI version", "abi-version", { marker: '(func (export "proxy_abi_version_0_2_0"))' }, "exports proxy_abi_version_0_2_0;"],
    ["no allocator", "allocator-missing", { allocator: "" }, "exports neither malloc nor proxy_on_memory_allocate"],
    ["no exported memory", "memory-missing", { memory: "(memory 1)" }, "exports no memory"],
    [
      "a callback with another signature",
      "export-signature",
      { callback: '(func (export "proxy_on_log"))' },
      "exports proxy_on_log as () -> nothing; Envoy calls it as (i32) -> nothing",
    ],
    [
      "a callback that Envoy never calls",
      "export-unknown",
      { callback: '(func (export "proxy_on_grpc_trailing_metadata") (param i32 i32 i32))' },
      "the name is proxy_on_grpc_receive_trailing_metadata",
    ],
    [
      "a start section",
      "start-section",
      { start: "(start $marker)" },
      "has a start section, and Envoy crashes on it; build with --exportStart _initialize",
    ],
  ])("refuses %s", (_, code, changes, text) => {
    const problems = problemsOf(moduleWith(changes));
    expect(problems.map(problem => problem.code)).toEqual([code]);
    expect(problems[0]?.message).toContain("abi-check: build/x.wasm ");
    expect(problems[0]?.message).toContain(text);
  });

  it("refuses a module without function names", () => {
    expect(problemsOf(moduleWith({}, { names: false })).map(({ code }) => code)).toEqual(["names-missing"]);
  });

  it("refuses a module above the allowed size", () => {
    const wasm = moduleWith({});
    expect(problemsOf(wasm, wasm.length)).toEqual([]);
    expect(problemsOf(wasm, wasm.length - 1).map(({ code }) => code)).toEqual(["size"]);
  });

  it("tells that something is no module", () => {
    expect(problemsOf(new TextEncoder().encode("<!doctype html>")).map(({ code }) => code)).toEqual(["malformed"]);
    expect(problemsOf(new Uint8Array()).map(({ code }) => code)).toEqual(["malformed"]);
  });

  it("survives a module that is cut off anywhere, and never calls it well", () => {
    const wasm = moduleWith({});
    for (let length = 0; length < wasm.length; length++) expect(problemsOf(wasm.subarray(0, length))).not.toEqual([]);
  });
});
