import { join } from "node:path";
import { buildModule } from "../../build/index.ts";
import type { FilterSpec } from "../../envoy-config/index.ts";
import type { Program } from "../subject.ts";
import { type Peer, wasmFilter } from "./peer.ts";

/** Our own SDK where there is nothing to do, and one header to add; the task is the filter that is measured. */
export const meshwright: Peer = {
  name: "meshwright",
  label: "Meshwright",
  programs: ["empty", "add"],
  async build(programs, { sources, cache }) {
    const built = new Map<Program, FilterSpec>();
    for (const program of programs) built.set(program, wasmFilter(`meshwright-${program}`, await buildOwn(sources, program, cache)));
    return built;
  },
};

/** Builds `bench/filters/<name>`; the module's path. */
export async function buildOwn(filters: string, name: string, cache: string): Promise<string> {
  const outFile = join(cache, `${name}.wasm`);
  await buildModule(join(filters, name), { outFile, reuse: true });
  return outFile;
}
