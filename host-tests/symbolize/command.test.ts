import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backtraceOf } from "./trap-log.ts";
import { buildTraps, lineOf } from "./traps.ts";

const folder = mkdtempSync(join(tmpdir(), "meshwright-symbolize-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let wasm = "";
let log = "";
beforeAll(async () => {
  wasm = (await buildTraps()).wasmFile;
  log = `a line before\n${backtraceOf(wasm, "bounds").log}\na line behind\n`;
});

/** Runs the bundled command line as a user does, with `input` on its standard input. */
function symbolize(args: readonly string[], input = log): Promise<{ status: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["dist/cli.js", "symbolize", ...args], { stdio: "pipe" });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.once("error", reject);
    child.once("close", status => resolve({ status, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }));
    // A command that refuses its arguments does not read.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** Module and map in a folder of their own, to be spoilt. */
function copies(name: string): { file: string; map: string } {
  const file = join(folder, `${name}.wasm`);
  copyFileSync(wasm, file);
  copyFileSync(`${wasm}.map`, `${file}.map`);
  return { file, map: `${file}.map` };
}

describe("meshwright symbolize", () => {
  it.each([["module"], ["map"]])("takes the %s's file, and passes on what is no frame", async what => {
    const { status, out, err } = await symbolize([what === "map" ? `${wasm}.map` : wasm]);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const lines = out.split("\n");
    expect([lines[0], lines.at(-2), lines.at(-1)]).toEqual(["a line before", "a line behind", ""]);
    expect(out).toContain(`element (${lineOf("bounds")}:10)`);
    const untouched = log.split("\n").filter(line => !/^ *\d+: {2}0x/.test(line));
    expect(lines.filter(line => untouched.includes(line))).toEqual(untouched);
  });

  it("reads a log from a file, and prints JSON", async () => {
    const file = join(folder, "envoy.log");
    writeFileSync(file, log);
    const { status, out } = await symbolize([wasm, "--log", file, "--json"], "");
    expect(status).toBe(0);
    const [backtrace, ...others] = JSON.parse(out);
    expect(others).toEqual([]);
    expect(backtrace).toMatchObject({
      trap: "Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable",
      module: { name: "traps", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const [file_, line] = lineOf("bounds").split(":");
    const element = { function: "element", file: file_, line: Number(line), column: 10, inlined: true, certain: true };
    expect(backtrace.frames[0]).toMatchObject({ name: "assembly/sdk/abort/abort" });
    // The library's own function is a frame of its own, or inlined as well.
    const frames = backtrace.frames.flatMap((each: { frames: unknown[] }) => each.frames);
    expect(frames).toContainEqual({ ...element, text: "last = numbers[at]; // bounds" });
  });

  it("refuses a map of another build", async () => {
    const { file, map } = copies("foreign");
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from([0, 2, 1, 0x61])]));
    for (const given of [file, map]) {
      const { status, out, err } = await symbolize([given]);
      expect({ status, out }).toEqual({ status: 1, out: "" });
      expect(err).toMatch(
        /foreign\.wasm\.map is the map of a module with sha256 [0-9a-f]{64}, and \S+foreign\.wasm has [0-9a-f]{64}; its lines would be wrong/,
      );
    }
  });

  it("says that the map is missing, and where maps come from", async () => {
    const { file, map } = copies("lonely");
    rmSync(map);
    const { status, err } = await symbolize([file]);
    expect(status).toBe(1);
    expect(err).toContain(`there is no source map ${map}; meshwright build writes it beside the module`);
    expect(err).toContain("--image oci://");
  });

  it("does not need the module", async () => {
    const { file, map } = copies("map-only");
    rmSync(file);
    expect((await symbolize([map])).out).toContain(`element (${lineOf("bounds")}:10)`);
  });

  it("fails when the log's frames are of another module, and says so when only some are", async () => {
    const other = "  0:  0x12 - elsewhere/function";
    const none = await symbolize([wasm], `${other}\n`);
    expect(none).toMatchObject({ status: 1, out: `${other}\n` });
    expect(none.err).toMatch(/1 frames \(such as 0x12 - elsewhere\/function\) are not of traps .* another build of this one. Give the map/);
    const some = await symbolize([wasm], `${log}${other}\n`);
    expect(some.status).toBe(0);
    expect(some.err).toContain("and stay as they are");
  });

  it("says that there was nothing to do", async () => {
    expect(await symbolize([wasm], "all is well\n")).toEqual({
      status: 0,
      out: "all is well\n",
      err: "symbolize: the log has no backtrace of a Wasm filter\n",
    });
  });

  it("knows wrong use from work that failed", async () => {
    expect(await symbolize([])).toMatchObject({ status: 2, err: expect.stringContaining("whose backtraces?") });
    expect(await symbolize(["--image", "no-reference://x"])).toMatchObject({ status: 2 });
    expect(await symbolize([wasm, "--log", join(folder, "none.log")])).toMatchObject({
      status: 1,
      err: expect.stringContaining("none.log cannot be read (ENOENT)"),
    });
    expect(await symbolize(["no-such-filter"])).toMatchObject({
      status: 1,
      err: expect.stringContaining('symbolize: no filter "no-such-filter"'),
    });
  });
});
