import { type Call, type Way, waysBetween } from "./call-graph.ts";
import type { ModuleFunction, ModuleMap } from "./module-map.ts";

/** A frame as Envoy prints it. */
export interface RawFrame {
  /** In bytes from the beginning of the module. */
  readonly offset: number;
  /** Of the function, in full. */
  readonly name: string;
}

/** A frame as its author wrote it. What the optimiser put into one function comes out as several. */
export interface SourceFrame {
  /** Without the path that its name begins with; null for code that the compiler brought in from a function that it did not name. */
  readonly function: string | null;
  /** Null where there is no location. */
  readonly file: string | null;
  /** Line and column from 1. */
  readonly line: number | null;
  readonly column: number | null;
  /** The line's text. */
  readonly text: string | null;
  /** Whether the function was put into the one that Envoy names. */
  readonly inlined: boolean;
  /** False where calls at several places lead here, and the nearest one was taken. */
  readonly certain: boolean;
}

/** A frame of the module, with the function that it is in. */
interface Known extends RawFrame {
  readonly within: ModuleFunction;
}

/** Code that the compiler brought in, without the function's name. */
const INLINE = "~inline|";
const STUB = /@(?:override|varargs)$/;

/** The frame, if it is one of this module: the function at its offset must have its name. */
export function recognise(map: ModuleMap, { offset, name }: RawFrame): ModuleFunction | null {
  const within = map.functionAt(offset);
  return within && map.names[within.name] === name ? within : null;
}

/**
 * What stands in the sources for one of Envoy's frames, the innermost first.
 * `inner` is the frame below, which this one calls; null for the frame of the trap.
 */
export function resolveFrame(map: ModuleMap, frame: Known, inner: Known | null): SourceFrame[] {
  const { offset, within } = frame;
  const found = map.locate(offset, within);
  // Without a location of its own, a call can still be known by whom it calls.
  const target = found?.scope ?? inner?.within.name ?? within.name;
  const { way, certain } = chooseWay(map, frame, target);
  const frames: SourceFrame[] = [];
  const add = (scope: number, at: Call["at"], inlined: boolean, sure: boolean): void => {
    frames.push({
      function: shortName(map.names[scope] ?? ""),
      file: at && (map.sources[at.source] ?? null),
      line: at && at.line + 1,
      column: at && at.column + 1,
      text: at && map.textOf(at),
      inlined,
      certain: sure,
    });
  };
  if (found) add(target, found.at, target !== within.name, true);
  for (const { caller, at } of way.toReversed()) {
    // What the compiler makes up to choose between methods, or to fill in arguments, is nobody's frame.
    if (caller !== within.name && !at && STUB.test(map.names[caller] ?? "")) continue;
    add(caller, at, caller !== within.name, certain);
  }
  // No call leads there: one through a table, or one that the compiler made up.
  if (frames.at(-1)?.inlined !== false) add(within.name, null, false, true);
  return frames;
}

/** Which of several ways it was: the one whose calls have left code nearest to the offset. */
function chooseWay(map: ModuleMap, { offset, within }: Known, target: number): { way: Way; certain: boolean } {
  const ways = waysBetween(map.calls, within.name, target).map(way => ({
    way,
    far: way.reduce((sum, { caller, at }) => sum + (at ? map.distance(offset, within, caller, at) : 0), 0),
  }));
  ways.sort((a, b) => (a.far === b.far ? a.way.length - b.way.length : a.far - b.far));
  const [best, next] = ways;
  return { way: best?.way ?? [], certain: !next || (Number.isFinite(best?.far) && !Number.isFinite(next.far)) };
}

/**
 * `assembly/filter/Filter#onRequestHeaders` without the path and without type arguments: functions that differ in those alone often compile to
 * the same code, of which the optimiser keeps one, by the name of whichever.
 */
function shortName(full: string): string | null {
  if (full.startsWith(INLINE)) return null;
  let name = full;
  for (let inner = ""; inner !== name; ) {
    inner = name;
    name = name.replace(/<[^<>]*>/g, "");
  }
  return name.replace(/^start:[^~]*/, "top level").replace(/^.*\//, "");
}
