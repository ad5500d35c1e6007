import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readWasm } from "../../scripts/abi/index.ts";
import { type ModuleIdentity, readIdentity, SECTION_NAME, writeIdentity } from "../../scripts/build/index.ts";
import { ROOT } from "./fixtures.ts";

const EMPTY_MODULE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const IDENTITY: ModuleIdentity = {
  name: "span-attributes",
  version: "1.2.3",
  sdkVersion: "0.1.0",
  ascVersion: "0.28.20",
  // Longer than 127 bytes, so that lengths take two bytes, and with characters of several bytes.
  configSchema: { type: "object", description: "žluťoučký kůň ".repeat(20) },
};

describe("the custom section", () => {
  it("comes back as it was written", () => {
    expect(readIdentity(writeIdentity(EMPTY_MODULE, IDENTITY))).toEqual(IDENTITY);
  });

  it("is replaced when it is written again", () => {
    const twice = writeIdentity(writeIdentity(EMPTY_MODULE, IDENTITY), { ...IDENTITY, version: "2.0.0" });
    expect(readWasm(twice).customSections.map(({ name }) => name)).toEqual([SECTION_NAME]);
    expect(readIdentity(twice)?.version).toBe("2.0.0");
  });

  it("is null in a module of another origin", () => {
    expect(readIdentity(EMPTY_MODULE)).toBeNull();
  });

  it("tells what a shipped filter is", () => {
    const { name, version } = readIdentity(readFileSync(join(ROOT, "build", "span-attributes.wasm"))) ?? {};
    const { version: packageVersion } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect({ name, version }).toEqual({ name: "span-attributes", version: packageVersion });
  });

  it("refuses contents that are no JSON", () => {
    const damaged = writeIdentity(EMPTY_MODULE, IDENTITY);
    damaged[damaged.length - 1] = 0x20;
    expect(() => readIdentity(damaged)).toThrow('custom section "meshwright" is not JSON');
  });
});
