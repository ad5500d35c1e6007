import binaryen from "assemblyscript/binaryen";
import { functionNames, functions, type Module } from "../module.ts";
import { describe, type Expression, partsOf } from "./expressions.ts";

/** What some code calls. */
export interface Calls {
  readonly names: Set<string>;
  /** Whether it also calls through the table. */
  throughTable: boolean;
}

interface Loop extends Calls {
  readonly expression: number;
}

/** A function of the module, with what it calls in its loops and at all. */
interface Caller extends Calls {
  readonly loops: readonly Loop[];
}

/** Who calls whom. A call through the table may be one of any function in it. */
export class CallGraph {
  readonly callers: ReadonlyMap<string, Caller>;
  readonly table: ReadonlySet<string>;

  /** What `ignored` does counts for nobody. */
  constructor(module: Module, ignored: readonly string[]) {
    const callers = functionNames(module).map(name => [name, readCalls(functions.getBody(module.getFunction(name)), ignored)] as const);
    this.callers = new Map(callers);
    this.table = new Set(tableOf(module));
  }

  /** The functions that can get to one of `targets`, which are among them. */
  leadingTo(targets: Iterable<string>): Set<string> {
    const found = new Set(targets);
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      for (const [name, calls] of this.callers) if (!found.has(name) && this.callsOneOf(calls, found)) found.add(name);
    }
    return found;
  }

  callsOneOf({ names, throughTable }: Calls, targets: ReadonlySet<string>): boolean {
    return (throughTable && intersect(this.table, targets)) || intersect(names, targets);
  }

  /** Whether a function can get to itself, other than through the table. */
  isRecursive(name: string): boolean {
    const reached = new Set<string>();
    const visit = (from: string): void => {
      for (const next of this.callers.get(from)?.names ?? []) {
        if (reached.has(next)) continue;
        reached.add(next);
        visit(next);
      }
    };
    visit(name);
    return reached.has(name);
  }
}

function intersect(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const each of one) if (other.has(each)) return true;
  return false;
}

function readCalls(body: number, ignored: readonly string[]): Caller {
  const loops: Loop[] = [];
  const whole: Calls = { names: new Set(), throughTable: false };
  /** What surrounds an expression: the function, and loops. */
  const read = (expression: number, around: readonly Calls[]): void => {
    const info: Expression = describe(expression);
    let inside = around;
    if (info.id === binaryen.LoopId) {
      const loop: Loop = { expression, names: new Set(), throughTable: false };
      loops.push(loop);
      inside = [...around, loop];
    }
    const target = String(info.target);
    if (info.id === binaryen.CallId && !ignored.includes(target)) for (const each of around) each.names.add(target);
    if (info.id === binaryen.CallIndirectId) for (const each of around) each.throughTable = true;
    for (const part of partsOf(info)) read(part, inside);
  };
  if (body) read(body, [whole]);
  return { ...whole, loops };
}

function tableOf(module: Module): string[] {
  const segments = module as unknown as { getNumElementSegments(): number; getElementSegmentByIndex(index: number): number };
  return Array.from({ length: segments.getNumElementSegments() }, (_, index) => {
    const segment = segments.getElementSegmentByIndex(index);
    return binaryen.getElementSegmentInfo(segment).data;
  }).flat();
}
