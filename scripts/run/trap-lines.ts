import { statSync } from "node:fs";
import { frameText, LogSymbolizer, openMap } from "../symbolize/index.ts";
import type { FilterLine } from "./filter-log.ts";

/**
 * Adds to each frame of a trap what stands there in the sources, by the source map beside the module.
 * The map is read at a trap and not before: until then the module may have been built again.
 */
export function withSources(wasmFile: string, emit: (line: FilterLine) => void): (line: FilterLine) => void {
  let symbolizer: LogSymbolizer | null = null;
  let read = "";
  let told = "";
  return line => {
    if (line.text.includes("in-VM backtrace")) {
      try {
        const { mtimeMs } = statSync(`${wasmFile}.map`, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
        if (read !== `${mtimeMs}`) symbolizer = new LogSymbolizer([openMap(wasmFile)]);
        read = `${mtimeMs}`;
      } catch (error) {
        symbolizer = null;
        const { message } = error as Error;
        // Once is enough.
        if (message !== told) emit({ level: "warning", text: message });
        told = message;
      }
    }
    const source = symbolizer?.frame(line.text)?.map(frameText);
    emit(source ? { ...line, source } : line);
  };
}
