import binaryen from "assemblyscript/binaryen";
import { describe, type Expression, partsOf } from "./expressions.ts";
import { functionNames, functions, type Module } from "./module.ts";

/** What some code calls. */
export interface Calls {
  readonly names: Set<string>;
  /** The types of what it calls through the table. */
  readonly types: Set<string>;
}

interface Loop extends Calls {
  readonly expression: number;
}

/** A function of the module, with what it calls in its loops and at all. */
interface Caller extends Calls {
  readonly loops: readonly Loop[];
}

/** Who calls whom. A call through the table may be one of any function of that type in it. */
export class CallGraph {
  readonly callers: ReadonlyMap<string, Caller>;
  /** The functions in the table, by type. */
  readonly #table = new Map<string, Set<string>>();

  /** What `ignored` does counts for nobody. */
  constructor(module: Module, ignored: readonly string[] = []) {
    const callers = functionNames(module).map(name => [name, readCalls(functions.getBody(module.getFunction(name)), ignored)] as const);
    this.callers = new Map(callers);
    for (const name of tableOf(module)) {
      const type = typeOf(binaryen.getFunctionInfo(module.getFunction(name)));
      const others = this.#table.get(type);
      if (others) others.add(name);
      else this.#table.set(type, new Set([name]));
    }
  }

  /** Whether a function is in the table. */
  hasInTable(name: string): boolean {
    return [...this.#table.values()].some(names => names.has(name));
  }

  /** The functions that these can get to, with their own. */
  reachableFrom(roots: Iterable<string>): Set<string> {
    const found = new Set(roots);
    // A set also goes through what is added meanwhile.
    for (const name of found) {
      const { names = [], types = [] } = this.callers.get(name) ?? {};
      for (const each of names) found.add(each);
      for (const type of types) for (const each of this.#table.get(type) ?? []) found.add(each);
    }
    return found;
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

  callsOneOf({ names, types }: Calls, targets: ReadonlySet<string>): boolean {
    return intersect(names, targets) || [...types].some(type => intersect(this.#table.get(type) ?? NOTHING, targets));
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

const NOTHING: ReadonlySet<string> = new Set();

function intersect(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const each of one) if (other.has(each)) return true;
  return false;
}

/** Kinds of expressions that are half of a program and consist of nothing. */
const LEAVES: ReadonlySet<number> = new Set([binaryen.LocalGetId, binaryen.GlobalGetId, binaryen.ConstId]);

function readCalls(body: number, ignored: readonly string[]): Caller {
  const loops: Loop[] = [];
  const whole: Calls = { names: new Set(), types: new Set() };
  /** What surrounds an expression: the function, and loops. */
  const read = (expression: number, around: readonly Calls[]): void => {
    if (LEAVES.has(binaryen.getExpressionId(expression))) return;
    const info: Expression = describe(expression);
    let inside = around;
    if (info.id === binaryen.LoopId) {
      const loop: Loop = { expression, names: new Set(), types: new Set() };
      loops.push(loop);
      inside = [...around, loop];
    }
    const target = String(info.target);
    if (info.id === binaryen.CallId && !ignored.includes(target)) for (const each of around) each.names.add(target);
    if (info.id === binaryen.CallIndirectId) for (const each of around) each.types.add(typeOf(info));
    for (const part of partsOf(info)) read(part, inside);
  };
  if (body) read(body, [whole]);
  return { ...whole, loops };
}

/** The type of a function, or of what is called through the table. */
function typeOf({ params, results }: Expression | binaryen.FunctionInfo): string {
  return `${params} ${results}`;
}

function tableOf(module: Module): string[] {
  const segments = module as unknown as { getNumElementSegments(): number; getElementSegmentByIndex(index: number): number };
  return Array.from({ length: segments.getNumElementSegments() }, (_, index) => {
    const segment = segments.getElementSegmentByIndex(index);
    return binaryen.getElementSegmentInfo(segment).data;
  }).flat();
}
