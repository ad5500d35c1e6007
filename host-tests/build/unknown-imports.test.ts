import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BuildError } from "../../scripts/build/index.ts";
import { buildInto, fixture, temporaryFolder } from "./fixtures.ts";

/** Where `text` stands in a fixture, as `file:line:column`, counted from 1. */
function place(name: string, text: string): string {
  const lines = readFileSync(fixture(name), "utf8").split("\n");
  const line = lines.findIndex(each => each.includes(text));
  return `host-tests/build/fixtures/assembly/${name}.ts:${line + 1}:${(lines[line]?.indexOf(text) ?? -1) + 1}`;
}

describe("imports that Envoy lacks", () => {
  const folder = temporaryFolder();

  it("are refused with the user's line and what to use instead", async () => {
    const error = await buildInto(folder, fixture("foreign-imports")).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BuildError);
    const { code, message } = error as BuildError;
    expect(code).toBe("import-unknown");
    expect(message.split("\n").sort()).toEqual(
      [
        `${place("dice", "Math.random()")}: Math.random() imports env.seed, which Envoy lacks; use random() from the SDK`,
        `${place("foreign-imports", 'console.log("request")')}: console.log() imports env.console.log, which Envoy lacks; use log.info() and its siblings from the SDK`,
        `${place("foreign-imports", "lookup(a)")}: lookup() imports foreign-imports.lookup, which Envoy lacks; do without it; a filter may import only what Envoy provides`,
        `${place("foreign-imports", "Date.now()")}: Date.now() imports env.Date.now, which Envoy lacks; use Clock.now() from the SDK`,
      ].sort(),
    );
    expect(existsSync(join(folder, "module.wasm"))).toBe(false);
  });

  it("may be missing where nothing else tells: the environment of a process is empty, and the build says so", async () => {
    const { warnings } = await buildInto(folder, fixture("process-env"));
    expect(warnings).toEqual(['build: process.env is empty in Envoy; read a variable with Environment.get("NAME") in onConfigure']);
  });

  it("do no harm where nobody calls them", async () => {
    const { meta } = await buildInto(folder, fixture("unused-import"));
    expect(meta.imports).not.toContain("env.seed");
  });
});
