import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture, PROJECT, ROOT, temporaryFolder } from "./fixtures.ts";

interface Outcome {
  readonly status: number | string | null | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs the bundled command line as a user does. */
const meshwright = (...args: string[]): Promise<Outcome> => meshwrightIn(ROOT, ...args);

function meshwrightIn(cwd: string, ...args: string[]): Promise<Outcome> {
  return new Promise(resolve => {
    execFile(process.execPath, [join(ROOT, "dist", "cli.js"), ...args], { cwd }, (error, out, err) => {
      resolve({ status: error ? error.code : 0, out, err });
    });
  });
}

/** A filter outside of this package. */
const FILTER = readFileSync(join(PROJECT, "assembly", "index.ts"), "utf8");

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

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("leaves nothing behind when %s ends a build", async signal => {
    const temporary = join(folder, `tmp-${signal}`);
    mkdirSync(temporary);
    const args = [join(ROOT, "dist", "cli.js"), "build", fixture("headers-only"), "-o", join(folder, `${signal}.wasm`), "--force"];
    const child = execFile(process.execPath, args, { cwd: ROOT, env: { ...process.env, TMPDIR: temporary } });
    const ended = once(child, "exit");
    const watcher = watch(temporary);
    await once(watcher, "change");
    watcher.close();
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("says which folder for temporary files is not there", async () => {
    const env = { ...process.env, TMPDIR: join(folder, "nowhere") };
    const args = [join(ROOT, "dist", "cli.js"), "build", fixture("headers-only"), "-o", join(folder, "unwritten.wasm"), "--force"];
    const { status, err } = await new Promise<Outcome>(resolve => {
      execFile(process.execPath, args, { env }, (error, out, err) => resolve({ status: error ? error.code : 0, out, err }));
    });
    expect(status).toBe(1);
    expect(err).toBe(`wasm-opt: nothing can be written to ${join(folder, "nowhere")} (ENOENT); set TMPDIR to a folder with space\n`);
  });

  it("fails when what it prints cannot be written, and not when nobody reads it", async () => {
    const command = `"${process.execPath}" "${join(ROOT, "dist", "cli.js")}" --help`;
    const shell = (script: string): Promise<Outcome> =>
      new Promise(resolve => {
        execFile("bash", ["-o", "pipefail", "-c", script], (error, out, err) => resolve({ status: error ? error.code : 0, out, err }));
      });
    expect(await shell(`${command} > /dev/full`)).toEqual({
      status: 1,
      out: "",
      err: "meshwright: the output cannot be written (ENOSPC); see where it goes\n",
    });
    expect(await shell(`${command} | true`)).toMatchObject({ status: 0, err: "" });
  });

  it.each([
    ["assembly/index.ts and nothing else", "bare", ["assembly/index.ts"], "bare"],
    ["assembly/index.ts in a folder of a larger project", "outer/inner", ["assembly/index.ts", "../package.json"], "inner"],
    ["what asconfig.json names", "configured", ["src/index.ts", "package.json", "asconfig.json"], "theirs"],
    ["what a script of package.json compiles", "scripted", ["filters/main.ts", "package.json"], "main"],
    ["src/index.ts and nothing else", "sources", ["src/index.ts"], "sources"],
    ["an index.ts of its own", "flat", ["index.ts", "package.json"], "theirs"],
  ])("finds what to build in the folder that it runs in: %s", async (_, name, files, expected) => {
    const cwd = join(folder, name);
    const texts: Readonly<Record<string, string>> = {
      "package.json": '{ "name": "theirs", "scripts": { "build": "asc filters/main.ts -b build/main.wasm -O3" } }',
      "asconfig.json": '{ "entries": ["./src/index.ts"] }',
    };
    for (const file of files) {
      mkdirSync(dirname(join(cwd, file)), { recursive: true });
      writeFileSync(join(cwd, file), texts[basename(file)] ?? FILTER);
    }
    const built = await meshwrightIn(cwd, "build", "--debug", "--json");
    expect(built.err).toBe("");
    expect(JSON.parse(built.out)).toMatchObject([{ name: expected }]);
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
    ["help for an unknown command", ["help", "frobnicate"]],
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

  it.each([
    ["build", ["nowhere.ts"], 1, "there is no nowhere.ts"],
    ["build", ["--watch", "nowhere.ts"], 1, "there is no nowhere.ts"],
    ["build", ["assembly/filters/span-attributes", "-o", "package.json/x.wasm"], 1, "x.wasm cannot be written (ENOTDIR); give --output"],
    ["build", ["assembly/filters/span-attributes", "-o", "build"], 1, "build is a folder; give --output the name of a file in it"],
    ["package", ["build/span-attributes.wasm", "-o", "package.json"], 1, "oci: package.json cannot be written (ENOTDIR)"],
    ["run", ["package.json"], 2, "run: package.json is no WebAssembly module"],
    ["run", ["a.wasm", "--port", "99999"], 2, "Give a port from 0, for any free one, to 65535"],
    ["run", ["a.wasm", "--requests", "0"], 2, "Give a whole number above 0"],
    ["run", ["a.wasm", "--log", "loud"], 2, "Allowed choices are trace, debug, info"],
    ["run", ["build/span-attributes.wasm", "--metadata", "[]"], 2, "run: --metadata: expected an object, found []"],
    ["run", ["build/span-attributes.wasm", "--metadata", "{a"], 2, "run: --metadata is neither JSON nor YAML"],
    ["dev", ["build/span-attributes.wasm", "--config", "nowhere.json"], 2, "dev: --config nowhere.json cannot be read"],
    ["dev", ["a.wasm", "--page-port", "70000"], 2, "Give a port from 0"],
    ["doctor", ["--line", "XYZ"], 2, "expected a line of an access log or Envoy's response flags, such as UF,URX, found XYZ"],
    ["bench", ["package.json", "--only", "hostcalls", "--peers", "none"], 2, "bench: package.json is no WebAssembly module"],
    ["manifest", ["a.wasm", "--target", "envoy", "--name", "Bad Name"], 2, "small letters, digits and hyphens"],
  ])("%s %j: says what is wrong, and prints no stack", async (command, args, status, text) => {
    const outcome = await meshwright(command, ...args);
    expect(outcome.err).toContain(text);
    expect(outcome.err).not.toContain("    at ");
    expect(outcome).toMatchObject({ status, out: "" });
  });

  it("says how to enter a new project whose folder has a name with spaces", async () => {
    const { status, out } = await meshwright("init", join(folder, "it's mine", "greeter"));
    expect(status).toBe(0);
    expect(out).toContain(`Next: cd '${join(folder, "it'\\''s mine", "greeter")}' && npm install && npm test`);
  });

  it("does not call a file without a document valid", async () => {
    const empty = join(folder, "empty.yaml");
    writeFileSync(empty, "# later\n");
    const { status, err } = await meshwright("validate", empty);
    expect(status).toBe(2);
    expect(err).toContain(`validate: there is no document in ${empty}; nothing was checked`);
  });

  it("says which source map is none", async () => {
    const map = join(folder, "some.wasm.map");
    writeFileSync(map, '{"version": 3}');
    const { status, err } = await meshwright("symbolize", map);
    expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining("is no source map: it has no mappings and sources") });
  });

  it("says that a port is taken, and with which option to take another", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    try {
      const { status, err } = await meshwright("dev", "build/span-attributes.wasm", "--page-port", String(port));
      expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining(`the page cannot have port ${port} (EADDRINUSE)`) });
      expect(err).not.toContain("    at ");
    } finally {
      other.close();
    }
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
