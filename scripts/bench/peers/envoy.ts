import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FilterSpec } from "../../envoy-config/index.ts";
import type { Peer } from "./peer.ts";

const LUA = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua";

export const lua: Peer = {
  name: "lua",
  label: "Envoy's Lua filter",
  programs: ["task", "empty", "add"],
  async build(programs, { sources }) {
    return mapped(programs, async program => {
      const source = await readFile(join(sources, `${program}.lua`), "utf8");
      return { name: `lua-${program}`, typedConfig: { "@type": LUA, default_source_code: { inline_string: source } } };
    });
  },
};

/** header_mutation adds the header; set_filter_state sets the four attributes, which is a part of the task only: it knows no trace. */
export const native: Peer = {
  name: "native",
  label: "Envoy's own filters (attributes only)",
  programs: ["task", "add"],
  async build(programs, { sources }) {
    return mapped(programs, async program => JSON.parse(await readFile(join(sources, `${program}.json`), "utf8")) as FilterSpec);
  },
};

async function mapped<K>(programs: readonly K[], read: (program: K) => Promise<FilterSpec>): Promise<ReadonlyMap<K, FilterSpec>> {
  return new Map(await Promise.all(programs.map(async (program): Promise<[K, FilterSpec]> => [program, await read(program)])));
}
