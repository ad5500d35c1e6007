import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture, ROOT, temporaryFolder } from "./fixtures.ts";

interface Outcome {
  readonly status: number | string | null | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs the bundled command line as a user does. */
function meshwright(...args: string[]): Promise<Outcome> {
  return new Promise(resolve => {
    execFile(process.execPath, [join(ROOT, "dist", "cli.js"), ...args], { cwd: ROOT }, (error, out, err) => {
      resolve({ status: error ? error.code : 0, out, err });
    });
  });
}

describe("meshwright", () => {
  const folder = temporaryFolder();
  const output = join(folder, "headers-only.wasm");

  it("builds a module that it accepts", async () => {
    const built = await meshwright("build", fixture("headers-only"), "-o", output, "--debug", "--json");
    expect(built.err).toBe("");
    expect(built.status).toBe(0);
    expect(JSON.parse(built.out)).toMatchObject([{ name: "headers-only", wasmFile: output }]);
    expect(await meshwright("check", output)).toEqual({ status: 0, out: `${output}: ok\n`, err: "" });
  });

  it("exits with 1 and the reason when a module is bad", async () => {
    const file = join(folder, "bad.wasm");
    writeFileSync(file, "not wasm");
    const { status, out, err } = await meshwright("check", file);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toContain(`abi-check: ${file} is no WebAssembly module`);
    const json = await meshwright("check", "--json", file);
    expect(json.status).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject([{ file, problems: [{ code: "malformed" }] }]);
  });

  it("exits with 1 when a build fails, and prints no stack", async () => {
    const { status, err } = await meshwright("build", fixture("broken"), "-o", join(folder, "broken.wasm"));
    expect(status).toBe(1);
    expect(err).toContain("broken.ts(1,22)");
    expect(err).not.toContain("    at ");
  });

  it.each([
    ["an unknown command", ["frobnicate"]],
    ["an unknown option", ["build", "--frobnicate"]],
    ["one output for two entries", ["build", "a.ts", "b.ts", "-o", "c.wasm"]],
    ["an end to wait for that does not come", ["build", "--watch", "--json"]],
    ["a template that there is not", ["init", "x", "--template", "frobnicate"]],
    ["a size that is none", ["check", "--max-size", "big", "a.wasm"]],
    ["an optimised build where nothing is built", ["run", "a.wasm", "--release"]],
    ["no command", []],
  ])("exits with 2 for %s", async (_, args) => {
    const { status, out, err } = await meshwright(...args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).not.toBe("");
  });

  it.each([[["--help"]], [["init", "--help"]], [["build", "--help"]], [["check", "--help"]], [["run", "--help"]], [["dev", "--help"]]])(
    "explains itself: %j",
    async args => {
      const { status, out } = await meshwright(...args);
      expect(status).toBe(0);
      expect(out).toContain("Usage: meshwright");
    },
  );
});
