import { decodedMappings, type SourceMapSegment, type TraceMap } from "@jridgewell/trace-mapping";
import type { FunctionBody } from "../abi/code-section.ts";
import { BLOCK, CALL, ELSE, END, I32_CONST, IF, instructionsOf } from "./instructions.ts";
import type { Call, Location, Scope, Scopes } from "./scopes.ts";

/** What is known of the module. */
export interface WalkContext {
  readonly wasm: Uint8Array;
  readonly segments: TraceMap;
  /** Null for a hostcall. */
  readonly nameOf: (index: number) => string | null;
  readonly isAbort: (index: number) => boolean;
  /** The number of the source whose path lies in memory there; -1 when none does. */
  readonly sourceAt: (pointer: number) => number;
}

/** Where the walk stands: the location that holds, and the last one in the function's own source. */
interface Position {
  readonly at: Location | null;
  readonly own: Location | null;
}

/**
 * Goes through one function and adds its locations, without gaps, to `segments`, and its calls to `calls`.
 *
 * An instruction without a location of its own belongs to the expression before it, or, behind a block, to the expression that the block is.
 */
export function walkLocations(
  context: WalkContext,
  body: FunctionBody,
  scope: Scope,
  scopes: Scopes,
  segments: SourceMapSegment[],
  calls: Call[],
): void {
  const given = locationsIn(context.segments, body);
  const isOwn = (at: Location): boolean => scope.source === null || at.source === scope.source;
  const first = [...given.values()].find(isOwn) ?? null;
  // The prologue, where a stack overflow is noticed, has no instruction: it takes the first location.
  let position: Position = { at: first, own: first };
  const enclosing: Position[] = [];
  const constants: number[] = [];
  let emitted: SourceMapSegment | null = null;

  const scopeHere = (): Scope => {
    const { at, own } = position;
    if (!at || isOwn(at)) return scope;
    const inlined = scopes.inlined(scope, at.source, own);
    if (inlined.fresh) calls.push({ caller: scope.name, callee: inlined.scope.name, at: own });
    return inlined.scope;
  };
  const emit = (offset: number): void => {
    const { at } = position;
    const segment: SourceMapSegment = at ? [offset, at.source, at.line, at.column, scopeHere().index] : [offset];
    if (emitted && leadsTheSameWay(emitted, segment)) return;
    emitted = segment;
    segments.push(segment);
  };

  emit(body.start);
  for (const { offset, opcode, operand } of instructionsOf(context.wasm, body)) {
    const at = given.get(offset);
    if (at) position = { at, own: isOwn(at) ? at : position.own };
    if (opcode === CALL && context.isAbort(operand)) position = abortSite(context, constants.slice(-3), position, isOwn) ?? position;
    emit(offset);
    if (opcode === CALL) {
      const callee = context.nameOf(operand);
      if (callee !== null) calls.push({ caller: scopeHere().name, callee, at: position.at });
    }
    if (opcode === I32_CONST) constants.push(operand);
    else constants.length = 0;
    // block, loop, if
    if (opcode >= BLOCK && opcode <= IF) enclosing.push(position);
    else if (opcode === ELSE) position = enclosing.at(-1) ?? position;
    else if (opcode === END) position = enclosing.pop() ?? position;
  }
}

/** Whether both say the same of different offsets. */
function leadsTheSameWay(a: SourceMapSegment, b: SourceMapSegment): boolean {
  return a.length === b.length && a.every((value, field) => field === 0 || value === b[field]);
}

/** asc calls abort with constants for file, line and column; these are what gets logged, so these are the location. */
function abortSite(
  context: WalkContext,
  [pointer, line, column]: readonly number[],
  { own }: Position,
  isOwn: (at: Location) => boolean,
): Position | null {
  if (pointer === undefined || line === undefined || column === undefined) return null;
  const source = context.sourceAt(pointer);
  if (source < 0) return null;
  const at = { source, line: line - 1, column: column - 1 };
  return { at, own: isOwn(at) ? at : own };
}

function locationsIn(map: TraceMap, { start, end }: FunctionBody): Map<number, Location> {
  const segments = decodedMappings(map)[0] ?? [];
  const found = new Map<number, Location>();
  for (let i = firstFrom(segments, start); i < segments.length; i++) {
    const [offset, source, line, column] = segments[i] as SourceMapSegment;
    if (offset >= end) break;
    if (source !== undefined && line !== undefined && column !== undefined) found.set(offset, { source, line, column });
  }
  return found;
}

function firstFrom(segments: readonly SourceMapSegment[], offset: number): number {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle] as SourceMapSegment)[0] < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
