import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { FilterSpec } from "../../envoy-config/index.ts";
import type { Program } from "../subject.ts";
import { type Peer, wasmFilter } from "./peer.ts";
import { tool } from "./toolchain.ts";

const INSTALL = "install Go 1.24 or later";

export const go: Peer = {
  name: "go",
  label: "Go SDK",
  programs: ["task", "empty", "add"],
  versions: () => tool("go", ["version"], { install: INSTALL }),
  async build(programs, { sources, cache }) {
    // go writes go.sum beside go.mod.
    const project = join(cache, "project");
    await cp(sources, project, { recursive: true });
    const built = new Map<Program, FilterSpec>();
    for (const program of programs) {
      const wasm = join(cache, `${program}.wasm`);
      const env = { GOOS: "wasip1", GOARCH: "wasm", GOFLAGS: "-mod=mod" };
      const args = ["build", "-buildmode=c-shared", "-o", wasm, `./${program}`];
      await tool("go", args, { cwd: project, env, install: INSTALL });
      built.set(program, wasmFilter(`go-${program}`, wasm));
    }
    return built;
  },
};
