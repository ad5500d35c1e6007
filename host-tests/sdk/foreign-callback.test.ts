import { readFile } from "node:fs/promises";
import { beforeAll, expect, it } from "vitest";
import { readWasm } from "../../scripts/abi/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { compileModule, instantiate, type WasmImports, type WasmMemory } from "../host/engine.ts";
import { fixture } from "./fixture.ts";

const FOREIGN_FUNCTION_ARGUMENTS = 8;
const NOT_FOUND = 1;

let wasm = "";
beforeAll(async () => {
  wasm = await fixture("foreign-callback");
});

// None of stock Envoy's foreign functions calls back, so the callback itself is called by hand.
it("a foreign function that calls back reaches onForeignFunction with its arguments", async () => {
  const logged: string[] = [];
  const exports = await load({
    proxy_log: (_level, at, size) => {
      logged.push(Buffer.from(bytes(), at, size).toString());
      return 0;
    },
    proxy_get_buffer_bytes: (type, _start, _size, returnData, returnSize) => {
      if (type !== FOREIGN_FUNCTION_ARGUMENTS) return NOT_FOUND;
      const text = Buffer.from("three words here");
      const at = exports.proxy_on_memory_allocate?.(text.length) ?? 0;
      const view = Buffer.from(bytes());
      text.copy(view, at);
      view.writeUInt32LE(at, returnData);
      view.writeUInt32LE(text.length, returnSize);
      return 0;
    },
  });
  const bytes = () => (exports.memory as unknown as WasmMemory).buffer;
  exports._initialize?.();
  exports.proxy_on_foreign_function?.(1, 7, 16);
  expect(logged).toEqual(["function 7 with 16: three words here"]);
});

type Hostcall = (...args: number[]) => number;

/** The exports of the module, whose other hostcalls all answer NotFound. */
async function load(hostcalls: Record<string, Hostcall>): Promise<Record<string, Hostcall>> {
  const binary = await readFile(wasm);
  const imports: Record<string, Record<string, Hostcall>> = {};
  for (const { module, name } of readWasm(binary).imports) {
    imports[module] = { ...imports[module], [name]: hostcalls[name] ?? (() => NOT_FOUND) };
  }
  return instantiate(compileModule(binary), imports as WasmImports).exports as Record<string, Hostcall>;
}

describeEnvoy("a module with onForeignFunction", {}, envoy => {
  it("is loaded and serves", async () => {
    const proxy = await envoy.start({ config: { listeners: [{ name: "in", filters: [{ name: "called", wasm }] }] } });
    expect((await proxy.request("in", {})).status).toBe(200);
  });
});
