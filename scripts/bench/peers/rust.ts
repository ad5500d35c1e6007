import { existsSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "../subject.ts";
import { MissingToolchainError, type Peer, wasmFilter } from "./peer.ts";
import { tool } from "./toolchain.ts";

const TARGET = "wasm32-unknown-unknown";
const INSTALL = `install Rust 1.78 or later with its target ${TARGET} (rustup target add ${TARGET})`;

export const rust: Peer = {
  name: "rust",
  label: "Rust SDK 0.2.5",
  programs: ["task", "empty", "add"],
  async versions() {
    const sysroot = (await tool("rustc", ["--print", "sysroot"], { install: INSTALL })).trim();
    if (!existsSync(join(sysroot, "lib", "rustlib", TARGET))) throw new MissingToolchainError(`Rust has no target ${TARGET}; ${INSTALL}`);
    return tool("cargo", ["--version", "--verbose"], { install: INSTALL });
  },
  async build(programs, { sources, cache }) {
    // cargo writes a lock file beside the manifest.
    const project = join(cache, "project");
    await rm(join(project, "src"), { recursive: true, force: true });
    await cp(sources, project, { recursive: true });
    const examples = programs.flatMap(program => ["--example", program]);
    const target = join(cache, "target");
    const args = ["build", "--release", "--target", TARGET, "--target-dir", target, ...examples];
    await tool("cargo", args, { cwd: project, install: INSTALL });
    const file = (program: Program): string => join(target, TARGET, "release", "examples", `${program}.wasm`);
    return new Map(programs.map(program => [program, wasmFilter(`rust-${program}`, file(program))]));
  },
};
