/** A place in a source: its number in the map, line and column from 0. */
export interface Place {
  readonly source: number;
  readonly line: number;
  readonly column: number;
}

/** A call of the program as it was before optimisation; functions by their place in the map's names. */
export interface Call {
  readonly caller: number;
  readonly callee: number;
  /** Null where the compiler gave the call no location. */
  readonly at: Place | null;
}

/** From the outermost call to the innermost. */
export type Way = readonly Call[];

/** A way may be so much longer than the shortest one. */
const DETOUR = 2;
const MOST_WAYS = 64;
const MOST_CALLS = 20_000;

/**
 * The ways from one function to another by calls, the shortest first; one without calls when they are the same, none when no call leads there.
 *
 * A function that the optimiser has put into another has no frame. The way to it is what its frames would have been.
 */
export function waysBetween(calls: readonly Call[], from: number, to: number): Way[] {
  if (from === to) return [[]];
  const distance = distancesTo(calls, to);
  const shortest = distance.get(from);
  if (shortest === undefined) return [];
  const leading = grouped(
    calls.filter(({ callee }) => distance.has(callee)),
    ({ caller }) => caller,
  );
  const found: Way[] = [];
  let looked = 0;
  const follow = (at: number, way: readonly Call[]): void => {
    for (const call of leading.get(at) ?? []) {
      if (found.length >= MOST_WAYS || ++looked > MOST_CALLS) return;
      const { callee } = call;
      if (callee === from || way.some(each => each.callee === callee)) continue;
      if (way.length + 1 + (distance.get(callee) as number) > shortest + DETOUR) continue;
      if (callee === to) found.push([...way, call]);
      else follow(callee, [...way, call]);
    }
  };
  follow(from, []);
  return found.sort((a, b) => a.length - b.length);
}

/** How many calls each function is away from `to`. */
function distancesTo(calls: readonly Call[], to: number): Map<number, number> {
  const callers = grouped(calls, ({ callee }) => callee);
  const distance = new Map([[to, 0]]);
  for (const at of distance.keys()) {
    for (const { caller } of callers.get(at) ?? []) if (!distance.has(caller)) distance.set(caller, (distance.get(at) as number) + 1);
  }
  return distance;
}

function grouped(calls: readonly Call[], key: (call: Call) => number): Map<number, Call[]> {
  const groups = new Map<number, Call[]>();
  for (const call of calls) {
    const group = groups.get(key(call));
    if (group) group.push(call);
    else groups.set(key(call), [call]);
  }
  return groups;
}
