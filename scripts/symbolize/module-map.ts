import { decodedMappings, type SourceMapSegment, TraceMap } from "@jridgewell/trace-mapping";
import { bodyAt } from "../abi/index.ts";
import type { Call, Place } from "./call-graph.ts";
import { SymbolizeError } from "./errors.ts";

/** What `meshwright build` writes into a map besides the standard's fields, under `x_meshwright`. */
interface Extension {
  readonly module: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly functions: readonly (readonly [start: number, end: number, name: number])[];
  readonly calls: readonly (readonly number[])[];
}

/** A function of the module as it runs. */
export interface ModuleFunction {
  readonly start: number;
  readonly end: number;
  /** Its place in the names. */
  readonly name: number;
}

/** Where an offset leads: whose code it is, and where that stands. */
export interface Located {
  readonly scope: number;
  readonly at: Place;
}

/** A source map that `meshwright build` wrote, with what it knows of its module. */
export class ModuleMap {
  /** As messages name it: a file, an image. */
  readonly origin: string;
  readonly module: Extension["module"];
  readonly names: readonly string[];
  readonly sources: readonly string[];
  readonly calls: readonly Call[];
  readonly #functions: readonly ModuleFunction[];
  readonly #segments: readonly SourceMapSegment[];
  readonly #texts: readonly (string | null)[];

  /** `text` is the map's JSON. */
  constructor(text: string, origin: string) {
    this.origin = origin;
    const { map, extension } = parse(text, origin);
    this.module = extension.module;
    this.names = map.names;
    this.sources = map.sources.map(source => source ?? "");
    this.calls = extension.calls.map(([caller = -1, callee = -1, source, line, column]) => ({
      caller,
      callee,
      at: source === undefined || line === undefined || column === undefined ? null : { source, line, column },
    }));
    this.#functions = extension.functions.map(([start, end, name]) => ({ start, end, name }));
    this.#segments = decodedMappings(map)[0] ?? [];
    this.#texts = map.sourcesContent ?? [];
  }

  /** The function whose code holds an offset; null outside of all code. */
  functionAt(offset: number): ModuleFunction | null {
    return bodyAt(this.#functions, offset);
  }

  /** The location of an offset within its function; null where the compiler gave none. */
  locate(offset: number, within: ModuleFunction): Located | null {
    const index = this.#lastUpTo(offset);
    const segment = this.#segments[index];
    return segment && segment[0] >= within.start ? located(segment) : null;
  }

  /** How far from an offset, in bytes, the function has code of that scope and line; infinite when it has none. */
  distance(offset: number, within: ModuleFunction, scope: number, { source, line }: Place): number {
    let least = Number.POSITIVE_INFINITY;
    for (let i = this.#lastUpTo(within.end - 1); i >= 0; i--) {
      const segment = this.#segments[i] as SourceMapSegment;
      if (segment[0] < within.start) break;
      const found = located(segment);
      if (found?.scope === scope && found.at.source === source && found.at.line === line)
        least = Math.min(least, Math.abs(segment[0] - offset));
    }
    return least;
  }

  /** A line of a source as it was compiled; null when the map does not hold it. */
  textOf({ source, line }: Place): string | null {
    return this.#texts[source]?.split("\n")[line]?.trim() ?? null;
  }

  #lastUpTo(offset: number): number {
    let [low, high] = [0, this.#segments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#segments[middle] as SourceMapSegment)[0] <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function located([, source, line, column, scope]: SourceMapSegment): Located | null {
  if (source === undefined || line === undefined || column === undefined) return null;
  return { scope: scope ?? -1, at: { source, line, column } };
}

function parse(text: string, origin: string): { map: TraceMap; extension: Extension } {
  let json: { x_meshwright?: Extension };
  let map: TraceMap;
  try {
    json = JSON.parse(text) as typeof json;
    const { mappings, sources } = json as { mappings?: unknown; sources?: unknown };
    if (typeof mappings !== "string" || !Array.isArray(sources)) throw new TypeError("it has no mappings and sources");
    map = new TraceMap(json as ConstructorParameters<typeof TraceMap>[0]);
    decodedMappings(map);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new SymbolizeError(
      "map-malformed",
      `symbolize: ${origin} is no source map: ${reason}; give the .wasm.map that meshwright build wrote`,
      {
        cause,
      },
    );
  }
  if (!json.x_meshwright?.module?.sha256) {
    const text = `symbolize: ${origin} does not say which module it belongs to, so its lines might be another's`;
    throw new SymbolizeError("map-malformed", `${text}; give the .wasm.map that meshwright build wrote, or build again`);
  }
  return { map, extension: json.x_meshwright };
}
