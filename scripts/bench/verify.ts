import type { WasmFilterSpec } from "../envoy-config/index.ts";
import { emulate } from "./emulator.ts";
import type { Program } from "./subject.ts";
import { SPAN_ATTRIBUTE_KEYS } from "./task.ts";
import { parseRequest, requestOf } from "./traffic.ts";

const VALID = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/**
 * Whether a module does what it is compared for, on the emulator: what it leaves undone would make it look cheap.
 * Answers what is wrong, or null.
 */
export function wrongWith(filter: WasmFilterSpec, program: Program): string | null {
  const host = emulate(filter);
  const wrong: string[] = [];
  for (const traffic of ["hit", "miss"] as const) {
    const exchange = host.request(parseRequest(requestOf(traffic)));
    const seen = (name: string): string[] => (exchange.upstream?.headers ?? []).filter(([key]) => key === name).map(([, value]) => value);
    const expect = (what: string, found: unknown, expected: unknown): void => {
      if (JSON.stringify(found) !== JSON.stringify(expected))
        wrong.push(`${traffic}: ${what} is ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
    };
    expect("x-bench", seen("x-bench"), program === "add" ? ["1"] : []);
    if (program !== "task") continue;
    const attributes = { "app.version": "1.4.2", "cluster.name": "edge-1" };
    const identity = { "user.id": "user-4711", "tenant.id": "tenant-42" };
    const expected = traffic === "hit" ? { ...attributes, ...identity } : attributes;
    const state = SPAN_ATTRIBUTE_KEYS.flatMap(([name, key]) => {
      const value = exchange.filterState[key];
      return value === undefined ? [] : [[name, value]];
    });
    expect("attributes", sorted(Object.fromEntries(state)), sorted(expected));
    const [, traceId, parentId] = VALID.exec(seen("traceparent").join(" ")) ?? [];
    if (traceId === undefined) wrong.push(`${traffic}: traceparent is ${JSON.stringify(seen("traceparent"))}, expected a valid one`);
    else if (traffic === "hit") {
      expect("trace id", traceId, "0af7651916cd43dd8448eb211c80319c");
      if (parentId === "b7ad6b7169203331") wrong.push("hit: the parent-id is the one that came, expected a new one");
    }
  }
  return wrong.length === 0 ? null : wrong.join("\n  ");
}

function sorted(object: Record<string, unknown>): [string, unknown][] {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
}
