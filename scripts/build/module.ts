import binaryen from "assemblyscript/binaryen";
import type { Segment } from "./static-strings.ts";

/** A module as asc hands it to a transform. */
export type Module = InstanceType<typeof binaryen.Module>;

/** What the package's declarations of binaryen leave out. */
interface Functions {
  getBody(func: number): number;
  setBody(func: number, body: number): void;
}

interface DataSegments {
  getNumDataSegments(): number;
  getDataSegmentByIndex(index: number): number;
  getDataSegmentInfo(segment: number): { readonly offset: number; readonly data: ArrayBuffer };
}

/** Reads and replaces the bodies of functions. */
export const functions: Functions = (binaryen as unknown as { readonly Function: Functions }).Function;

/** The data segments: one for each constant string or array, and for each `memory.data`. */
export function readStaticData(module: Module): Segment[] {
  const segments = module as unknown as DataSegments;
  return Array.from({ length: segments.getNumDataSegments() }, (_, index) => {
    const { offset, data } = segments.getDataSegmentInfo(segments.getDataSegmentByIndex(index));
    return { at: offset, data: new Uint8Array(data) };
  });
}

/** Names of the functions, imported ones included. */
export function functionNames(module: Module): string[] {
  return Array.from({ length: module.getNumFunctions() }, (_, index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)).name);
}

/** Names of the exports. */
export function exportNames(module: Module): string[] {
  return Array.from({ length: module.getNumExports() }, (_, index) => binaryen.getExportInfo(module.getExportByIndex(index)).name);
}
