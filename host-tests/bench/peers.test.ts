import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { emulate } from "../../scripts/bench/emulator.ts";
import { countCrossings } from "../../scripts/bench/hostcalls.ts";
import { comparedSubjects } from "../../scripts/bench/own-modules.ts";
import { buildOnce } from "../../scripts/bench/peers/build-once.ts";
import { c } from "../../scripts/bench/peers/c.ts";
import { buildPeers, MissingToolchainError, PEER_NAMES, PEERS, type Peer, placesOf } from "../../scripts/bench/peers/index.ts";
import { tool } from "../../scripts/bench/peers/toolchain.ts";
import type { Program } from "../../scripts/bench/subject.ts";
import { attributesConfiguration, SPAN_ATTRIBUTE_KEYS, taskConfiguration } from "../../scripts/bench/task.ts";
import { parseRequest, requestOf } from "../../scripts/bench/traffic.ts";
import { wrongWith } from "../../scripts/bench/verify.ts";
import type { WasmFilterSpec } from "../../scripts/envoy-config/index.ts";

const MODULE = fileURLToPath(new URL("../../build/mesh-telemetry.wasm", import.meta.url));
const PATH = process.env.PATH ?? "";

describe("the bench's peers", () => {
  afterEach(() => {
    process.env.PATH = PATH;
  });

  it("are those that the command line names, each with sources", async () => {
    expect(PEERS.map(({ name }) => name)).toEqual([...PEER_NAMES]);
    for (const { name } of PEERS) expect(readdirSync((await placesOf(name)).sources)).not.toEqual([]);
  });

  it("set the keys that our filters set", async () => {
    for (const name of PEER_NAMES.filter(each => each !== "meshwright" && each !== "lua")) {
      const { sources } = await placesOf(name);
      const files = readdirSync(sources, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
      const text = files.map(file => readFileSync(join(file.parentPath, file.name), "utf8")).join("\n");
      for (const [, key] of SPAN_ATTRIBUTE_KEYS) expect(text, name).toContain(`"${key.replace(/^wasm\./, "")}"`);
    }
  });

  it("whose compiler is missing are named with what to install, and the others are built", async () => {
    process.env.PATH = "/nonexistent";
    const told: string[] = [];
    const lua = PEERS.find(({ name }) => name === "lua");
    const { subjects, missing } = await buildPeers([c, ...(lua ? [lua] : [])], ["task"], ({ name }) => told.push(name));
    expect(told).toEqual(["c", "lua"]);
    expect(missing).toEqual([{ name: "c", label: c.label, reason: expect.stringMatching(/is not on PATH; apt-get install clang lld/) }]);
    expect(subjects.map(({ name, program }) => [name, program])).toEqual([["lua", "task"]]);
  });

  it("tell what a compiler said", async () => {
    const failing = tool(process.execPath, ["-e", "console.error('no such luck'); process.exit(3)"], { install: "" });
    await expect(failing).rejects.toThrow(/failed in .*no such luck/s);
    await expect(tool("no-such-compiler", [], { install: "install it" })).rejects.toThrow(MissingToolchainError);
  });
});

describe("a peer that takes long to build", () => {
  it("is built again only when its sources or its compilers have changed, or a program is wanted that was not", async () => {
    const folder = await mkdtemp(join(tmpdir(), "meshwright-peers-"));
    try {
      const places = { sources: join(folder, "sources"), cache: join(folder, "cache") };
      for (const each of Object.values(places)) await mkdir(each);
      await writeFile(join(places.sources, "a.c"), "1");
      const built: string[][] = [];
      let version = "1";
      const peer: Peer = {
        name: "c",
        label: "C",
        programs: ["task", "empty"],
        versions: async () => version,
        build: async programs => {
          built.push([...programs]);
          return new Map(programs.map(program => [program, { name: program, typedConfig: {} }]));
        },
      };
      const build = async (...programs: Program[]): Promise<Program[]> => [...(await buildOnce(peer, programs, places)).keys()];
      expect(await build("task")).toEqual(["task"]);
      expect(await build("task")).toEqual(["task"]);
      expect(await build("task", "empty")).toEqual(["task", "empty"]);
      version = "2";
      await build("task");
      await writeFile(join(places.sources, "a.c"), "2");
      await build("task");
      expect(built).toEqual([["task"], ["empty"], ["task"], ["task"]]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("what is compared", () => {
  const filter = { name: "mesh-telemetry", wasm: MODULE };

  it("is mesh-telemetry in two ways, which both do the task, and of a configuration that is given only that", async () => {
    const ways = await comparedSubjects({ files: [MODULE], configs: [] });
    expect(ways.map(({ name }) => name)).toEqual(["mesh-telemetry", "mesh-telemetry-connection"]);
    for (const way of ways) expect(wrongWith(way.filter as WasmFilterSpec, "task")).toBeNull();
    const given = await comparedSubjects({ files: [MODULE], configs: [{}] });
    expect(given.map(each => [each.name, (each.filter as WasmFilterSpec).config])).toEqual([["mesh-telemetry", {}]]);
  });

  it("costs a hostcall less on a kept connection where its constants are the connection's", async () => {
    const hit = requestOf("hit");
    const [request, connection] = (await comparedSubjects({ files: [MODULE], configs: [] })).map(
      ({ filter }) => countCrossings(filter as WasmFilterSpec, [hit])[0]?.hostcalls,
    );
    expect(request).toBe(6);
    expect(connection).toBe(5);
  });

  it("is seen to do the task", () => {
    expect(wrongWith({ ...filter, config: taskConfiguration("mesh-telemetry") }, "task")).toBeNull();
  });

  it("is refused when it does less", () => {
    const wrong = wrongWith({ ...filter, config: { trace_context: { parent_id: "keep" } } }, "task");
    expect(wrong).toMatch(/hit: attributes is /);
    expect(wrong).toMatch(/hit: the parent-id is the one that came/);
    expect(wrongWith({ ...filter, config: taskConfiguration("mesh-telemetry") }, "add")).toMatch(/x-bench is \[\], expected \["1"\]/);
  });

  it.each([1, 4, 16])("sets %i attributes where that many are asked for", count => {
    const host = emulate({ ...filter, config: attributesConfiguration(count) });
    const exchange = host.request(parseRequest(requestOf("hit")));
    expect(Object.keys(exchange.spanAttributes)).toHaveLength(count);
  });
});
