/** Where the host puts what it hands over. Filters that read it through the API get it as it is, which costs nothing. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { describeModule } from "../../scripts/build/index.ts";
import { compileModule, instantiate, type WasmImports } from "../host/engine.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;

/** How far apart a module puts two values of 64 bytes. */
async function distanceOfValues(filter: string): Promise<number> {
  const bytes = readFileSync(await buildWithCompat(filter));
  const imports: WasmImports = {};
  for (const each of describeModule(bytes).imports) {
    const [module = "", name = ""] = each.split(".");
    imports[module] = { ...imports[module], [name]: () => 0 };
  }
  const { exports } = instantiate(compileModule(bytes), imports);
  const allocate = exports.proxy_on_memory_allocate as (size: number) => number;
  return -allocate(64) + allocate(64);
}

it(
  "is an ArrayBuffer, which has a header, only for filters that make hostcalls of their own",
  async () => {
    expect(await distanceOfValues("kong")).toBe(64);
    expect(await distanceOfValues("own")).toBeGreaterThan(64);
  },
  BUILD_MS,
);
