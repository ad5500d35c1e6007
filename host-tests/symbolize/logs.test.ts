import { beforeAll, describe, expect, it } from "vitest";
import { LogSymbolizer, ModuleMap, openMap } from "../../scripts/symbolize/index.ts";
import { readable } from "../matrix/readable.ts";
import { backtraceOf } from "./trap-log.ts";
import { buildTraps, lineOf } from "./traps.ts";

let map: ModuleMap;
let frames: string[] = [];
beforeAll(async () => {
  const { wasmFile } = await buildTraps();
  map = openMap(wasmFile);
  frames = backtraceOf(wasmFile, "library").frames;
});

const symbolized = (line: string): string => new LogSymbolizer([map]).line(line);
/** The frame that is several functions in the sources. */
const inner = (): string => frames[1] ?? "";
const rendered = (): string[] => symbolized(inner()).split("\n");

describe("a line of the log", () => {
  it("that is a frame becomes the functions that are in it, with file, line, column and the text of the user's own lines", () => {
    const [first, second, third] = rendered();
    expect(first).toMatch(/^ {2}1: {2}0x[0-9a-f]+ - String#repeat \(~lib\/string\.ts:\d+:\d+\)$/);
    expect(second).toMatch(/^ {7}pad \(\S+:10\) {2}\| last = text\.repeat\(-1\)\.length; \/\/ library$/);
    expect(second).toContain(`(${lineOf("library")}:10)`);
    expect(third).toContain(`trapBy (${lineOf("library-caller")}:`);
  });

  it.each([
    "",
    "[2026-01-01 00:00:00.000][1][info][main] [source/server/server.cc:1] starting main dispatch loop",
    "wasm log traps traps: abort: Invalid length (~lib/string.ts:334:7)",
    '{"level":"info","msg":"1:  0x12 is no frame - nor is this"}',
    "  0:  0x1 - a frame of no function here",
    "Proxy-Wasm plugin in-VM backtrace:",
  ])("that is no frame of the module stays as it is: %s", line => {
    expect(symbolized(line)).toBe(line);
  });

  it("keeps what stands before and behind a frame: Istio's thread, a container runtime's time", () => {
    const lines = symbolized(`${inner()}\tthread=21`).split("\n");
    expect(lines[0]).toBe(rendered()[0]);
    expect(lines.at(-1)).toBe(`${rendered().at(-1)}\tthread=21`);
    const time = "2026-01-01T00:00:00.000000000Z stderr F";
    for (const line of symbolized(`${time} ${inner()}`).split("\n")) expect(line).toMatch(/^2026-01-01T00:00:00\.000000000Z stderr F /);
  });

  it("that is JSON stays JSON, also where a line of source has quotes", () => {
    const entry = { level: "error", msg: `Function: f failed: x\nProxy-Wasm plugin in-VM backtrace:\n${frames.join("\n")}`, thread: "21" };
    const { msg, ...rest } = JSON.parse(symbolized(JSON.stringify(entry))) as typeof entry;
    expect(rest).toEqual({ level: "error", thread: "21" });
    expect(msg.split("\n").slice(3, 3 + rendered().length)).toEqual(rendered());
    expect(msg).toContain('| if (kind == "library") pad(kind);');
  });

  it("that is in a container's JSON, one for each line of the message, stays that", () => {
    const entry = { log: `${inner()}\n`, stream: "stderr" };
    expect(JSON.parse(symbolized(JSON.stringify(entry)))).toEqual({ ...entry, log: `${rendered().join("\n")}\n` });
  });
});

describe("a backtrace", () => {
  it("of another module or build is not given lines, and is counted", () => {
    const log = new LogSymbolizer([map]);
    const other = inner().replace(/0x[0-9a-f]+/, "0x20");
    expect(log.line(other)).toBe(other);
    expect(log.foreign).toHaveLength(1);
    expect(log.backtraces).toEqual([]);
  });

  it("goes to the one of several modules that it is of", async () => {
    const debug = await buildTraps("debug");
    const maps = [openMap(debug.wasmFile), map];
    const log = new LogSymbolizer(maps);
    for (const frame of [...frames, ...backtraceOf(debug.wasmFile, "divide").frames]) log.line(frame);
    expect(log.foreign).toEqual([]);
    expect(log.backtraces.map(({ module }) => module.sha256)).toEqual([map.module.sha256, maps[0]?.module.sha256]);
  });
});

describe("a map", () => {
  it("that does not say whose it is, is refused", () => {
    const plain = JSON.stringify({ version: 3, sources: [], names: [], mappings: "" });
    expect(() => new ModuleMap(plain, "x.map")).toThrow("x.map does not say which module it belongs to");
    expect(() => new ModuleMap("<html>", "x.map")).toThrow("x.map is no source map");
  });
});

describe("the log of a scenario that failed", () => {
  it("is shown with lines of source", async () => {
    const { wasmFile } = await buildTraps();
    const spec = { listeners: [{ name: "in", filters: [{ name: "traps", wasm: wasmFile }] }] };
    const shown = readable([backtraceOf(wasmFile, "bounds").log], spec);
    expect(shown.join("\n")).toContain(`element (${lineOf("bounds")}:10)`);
    expect(readable(["a line"], { listeners: [{ name: "in", filters: [{ name: "x", wasm: "no-map.wasm" }] }] })).toEqual(["a line"]);
  });
});
