export interface FilterLine {
  level: string;
  text: string;
  /** What a frame of a trap is in the sources, the innermost function first. */
  source?: readonly string[];
}

/**
 * What the filter logged, or Envoy about the filter, out of Envoy's log. A trap's backtrace continues over several lines without Envoy's
 * prefix; they belong to the line before.
 */
export function filterLines(emit: (line: FilterLine) => void): (line: string) => void {
  let level: string | null = null;
  return line => {
    const match = /^\[[^\]]+\]\[\d+\]\[(\w+)\]\[(\w+)\] (?:\[[^\]]+\] )?(.*)$/.exec(line);
    if (!match) {
      if (level !== null && line !== "" && !line.startsWith("{")) emit({ level, text: line });
      return;
    }
    const [, severity = "", component, text = ""] = match;
    level = component === "wasm" ? severity : null;
    if (level === null) return;
    // "wasm log <plugin> <root> <vm>: text" is the filter's own voice.
    const own = /^wasm log[^:]*: (.*)$/.exec(text);
    emit({ level, text: own?.[1] ?? text });
  };
}
