import { LogSymbolizer, type ModuleMap, openMap, SymbolizeError } from "../../scripts/symbolize/index.ts";
import type { HostSpec } from "./types.ts";

/** Lines of a log with the traps of these filters led to their sources; modules without a source map stay as they are. */
export function readable(lines: readonly string[], { listeners, clusters = [] }: Pick<HostSpec, "listeners" | "clusters">): string[] {
  const filters = [...listeners, ...clusters].flatMap(each => each.filters ?? []);
  const modules = new Set(filters.flatMap(filter => ("wasm" in filter ? [filter.wasm] : [])));
  const log = new LogSymbolizer([...modules].flatMap(mapOf));
  return lines.flatMap(line => line.split("\n")).map(line => log.line(line));
}

function mapOf(wasmFile: string): ModuleMap[] {
  try {
    return [openMap(wasmFile)];
  } catch (error) {
    if (error instanceof SymbolizeError) return [];
    throw error;
  }
}
