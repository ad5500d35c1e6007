import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildResult, buildModule } from "../../scripts/build/index.ts";

const FOLDER = "host-tests/symbolize/assembly";

/** One way to trap: the header's value, and the lines of our sources that lead there, the innermost first, by the marks at their ends. */
export interface Kind {
  readonly kind: string;
  readonly lines: readonly string[];
  /** What the filter logs before it traps; null for what only the engine notices. */
  readonly abort: RegExp | null;
}

export const KINDS: readonly Kind[] = [
  { kind: "throw", lines: ["throw", "caller"], abort: /^abort: thrown on purpose \((.+)\)$/ },
  { kind: "assert", lines: ["assert", "caller"], abort: /^abort: kind is too short \((.+)\)$/ },
  { kind: "null", lines: ["null", "null-caller", "caller"], abort: /^abort: Unexpected 'null' .*\((\S+)\)$/ },
  { kind: "bounds", lines: ["bounds", "bounds-caller", "caller"], abort: /^abort: Index out of range \((~lib\/array\.ts:\d+:\d+)\)$/ },
  { kind: "library", lines: ["library", "library-caller", "caller"], abort: /^abort: Invalid length \((~lib\/string\.ts:\d+:\d+)\)$/ },
  { kind: "missing", lines: ["missing", "missing-caller", "caller"], abort: /^abort: Key does not exist \((~lib\/map\.ts:\d+:\d+)\)$/ },
  { kind: "unreachable", lines: ["unreachable", "caller"], abort: null },
  { kind: "divide", lines: ["divide", "divide-caller", "caller"], abort: null },
  { kind: "divide-again", lines: ["divide", "divide-again-caller", "caller"], abort: null },
  { kind: "inlined", lines: ["inlined", "inlined-caller", "caller"], abort: null },
];

const built = new Map<string, Promise<BuildResult>>();

/** Builds the filter that traps, as it would ship or for debugging. */
export function buildTraps(mode: "release" | "debug" = "release"): Promise<BuildResult> {
  const known = built.get(mode);
  if (known) return known;
  const outFile = join("build", "fixtures", mode, "traps.wasm");
  const building = buildModule(join(FOLDER, "traps.ts"), { debug: mode === "debug", reuse: true, outFile });
  built.set(mode, building);
  return building;
}

/** Where the line with a mark is: `host-tests/symbolize/assembly/traps.ts:26`. */
export function lineOf(mark: string): string {
  for (const name of ["traps.ts", "arithmetic.ts"]) {
    const lines = readFileSync(join(FOLDER, name), "utf8").split("\n");
    const index = lines.findIndex(line => line.endsWith(` // ${mark}`));
    if (index >= 0) return `${FOLDER}/${name}:${index + 1}`;
  }
  throw new Error(`no line is marked "${mark}"`);
}
