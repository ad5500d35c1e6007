import { join } from "node:path";
import type { FilterSpec } from "../../envoy-config/index.ts";
import type { Program } from "../subject.ts";
import { type Peer, type PeerPlaces, wasmFilter } from "./peer.ts";
import { tool } from "./toolchain.ts";

const INSTALL = "apt-get install clang lld (Fedora: dnf install clang lld)";
const FLAGS = ["--target=wasm32", "-O3", "-mbulk-memory", "-nostdlib", "-Wl,--no-entry", "-Wl,--strip-debug"];

/** Nothing between the program and the ABI: the floor that an SDK can reach. */
export const c: Peer = {
  name: "c",
  label: "C, raw ABI, one read of all headers",
  programs: ["task", "empty", "add"],
  versions,
  build: (programs, places) => compile(programs, places, program => program, "c"),
};

/** The same with a read for each header, which is less where they are absent. */
export const cSingle: Peer = {
  name: "c-single",
  label: "C, raw ABI, single reads",
  programs: ["task"],
  versions,
  build: (programs, places) => compile(programs, places, program => `${program}-single`, "c-single"),
};

async function compile(programs: readonly Program[], { sources, cache }: PeerPlaces, source: (program: Program) => string, name: string) {
  const built = new Map<Program, FilterSpec>();
  for (const program of programs) {
    const wasm = join(cache, `${source(program)}.wasm`);
    await tool("clang", [...FLAGS, "-o", wasm, join(sources, `${source(program)}.c`)], { install: INSTALL });
    built.set(program, wasmFilter(`${name}-${program}`, wasm));
  }
  return built;
}

/** clang itself says that wasm-ld is missing, but not what to do about it. */
async function versions(): Promise<string> {
  const [clang, lld] = await Promise.all(["clang", "wasm-ld"].map(program => tool(program, ["--version"], { install: INSTALL })));
  return `${clang}${lld}`;
}
