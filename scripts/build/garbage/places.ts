import { CallGraph } from "../call-graph.ts";
import { LIBRARY } from "../compiler.ts";
import type { Module } from "../module.ts";
import { isOfPackage, type Usage } from "../usage.ts";

/** What makes managed objects. */
const ALLOCATE = ["~lib/rt/tcms/__new", "~lib/rt/tcms/__renew"];

/** Where a filter's code may leave garbage again and again within one callback. */
export interface Places {
  readonly graph: CallGraph;
  /** Loops, as expressions. */
  readonly loops: readonly number[];
  /** Functions that call themselves, or that the library calls in its loops. */
  readonly functions: readonly string[];
  /** The functions that have one of these in them. */
  readonly owners: ReadonlySet<string>;
}

/** Finds loops that make objects, and functions that do so in a loop of the library's or by calling themselves. */
export function findPlaces(module: Module, { sdkPath }: Usage): Places {
  // What it makes is the callback's last.
  const graph = new CallGraph(module, [`${sdkPath}abort/abort`]);
  const allocating = graph.leadingTo(ALLOCATE);
  const loops: number[] = [];
  const functions: string[] = [];
  const owners = new Set<string>();
  for (const [name, caller] of graph.callers) {
    if (!allocating.has(name) || !isUsers(name, sdkPath)) continue;
    const own = caller.loops.filter(loop => graph.callsOneOf(loop, allocating));
    const again = graph.hasInTable(name) || graph.isRecursive(name);
    loops.push(...own.map(({ expression }) => expression));
    if (again) functions.push(name);
    if (again || own.length > 0) owners.add(name);
  }
  return { graph, loops, functions, owners };
}

/** The package's own loops leave no more than what they are given is long. */
function isUsers(name: string, sdkPath: string): boolean {
  if (/^(?:~(?!lib\/)|start:)/.test(name)) return false;
  return !isOfPackage(name, sdkPath) && !LIBRARY.some(folder => name.startsWith(folder));
}
