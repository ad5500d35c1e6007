import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FilterSpec } from "../../envoy-config/index.ts";
import type { Program } from "../subject.ts";
import { type Peer, type PeerPlaces, wasmFilter } from "./peer.ts";
import { tool } from "./toolchain.ts";

/** AssemblyScript without an SDK: what the language alone costs. */
export const assemblyscriptRaw: Peer = {
  name: "as-raw",
  label: "AssemblyScript, raw ABI",
  programs: ["task", "empty", "add"],
  versions: () => tool(process.execPath, [ownCompiler(), "--version"], { install: "" }),
  async build(programs, places) {
    const flags = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--use", "abort="];
    await copySources(places);
    return compile("as-raw", programs, places.cache, ownCompiler(), flags);
  },
};

export const gcore: Peer = {
  name: "gcore",
  label: "@gcoredev/proxy-wasm-sdk-as 1.2.3",
  programs: ["task", "empty", "add"],
  versions: () => tool(process.execPath, ["--version"], { install: "" }),
  async build(programs, places) {
    await install(places);
    // Its options stand in its asconfig.json, as its documentation has them.
    return compile("gcore", programs, places.cache, "node_modules/assemblyscript/bin/asc.js", []);
  },
};

/** With the compiler of its time; later ones refuse its sources. */
export const solo: Peer = {
  name: "solo",
  label: "@solo-io/proxy-runtime 0.1.8",
  programs: ["task", "empty", "add"],
  versions: () => tool(process.execPath, ["--version"], { install: "" }),
  async build(programs, places) {
    await install(places);
    const asc = "node_modules/assemblyscript-0.14/bin/asc";
    // Envoy and its emulator want an exported function instead of a start section.
    const flags = ["-O3", "--use", "abort=abort_proc_exit", "--explicitStart"];
    return compile("solo", programs, places.cache, asc, flags, "--binaryFile");
  },
};

function ownCompiler(): string {
  return join(dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")), "bin", "asc.js");
}

async function compile(
  name: string,
  programs: readonly Program[],
  cwd: string,
  asc: string,
  flags: readonly string[],
  output = "--outFile",
): Promise<ReadonlyMap<Program, FilterSpec>> {
  const built = new Map<Program, FilterSpec>();
  for (const program of programs) {
    const wasm = `${program}.wasm`;
    await tool(process.execPath, [asc, `assembly/${program}.ts`, output, wasm, ...flags], { cwd, install: "" });
    built.set(program, wasmFilter(`${name}-${program}`, join(cwd, wasm)));
  }
  return built;
}

async function copySources({ sources, cache }: PeerPlaces): Promise<void> {
  await mkdir(cache, { recursive: true });
  await rm(join(cache, "assembly"), { recursive: true, force: true });
  await cp(sources, cache, { recursive: true });
}

/** Installs what the peer's package.json names, once for each content of it. */
async function install(places: PeerPlaces): Promise<void> {
  const { sources, cache } = places;
  const [wanted, found] = await Promise.all([sources, cache].map(folder => readFile(join(folder, "package.json"), "utf8").catch(() => "")));
  const isThere = wanted === found && existsSync(join(cache, "node_modules", ".package-lock.json"));
  await copySources(places);
  if (isThere) return;
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"];
  const npm = process.env.npm_execpath;
  const [program, prefix] = npm ? [process.execPath, [npm]] : ["npm", []];
  try {
    await tool(program, [...prefix, ...args], { cwd: cache, install: "npm comes with Node" });
  } catch (error) {
    // The next run must not take half of it for the whole.
    await rm(join(cache, "node_modules"), { recursive: true, force: true });
    throw error;
  }
}
