import type { LineLog } from "./log.ts";

/** Envoy did not come up. The message holds the lines of its log that say why; `log` holds all of them. */
export class EnvoyStartError extends Error {
  declare readonly log: LineLog;

  constructor(how: string, log: LineLog) {
    const reasons = reasonsIn(log.lines);
    super(`Envoy did not start (${how}):\n${reasons.length > 0 ? reasons.map(line => `  ${line}`).join("\n") : log.tail(15)}`);
    this.name = "EnvoyStartError";
    // Test runners print all that can be enumerated, and the log of a start has hundreds of lines.
    Object.defineProperty(this, "log", { value: log });
  }
}

/** The lines that explain a failed start or a refused update: errors, and warnings about configuration or by the filter itself. */
export function reasonsIn(lines: readonly string[]): string[] {
  const reasons = lines.filter(line => ALWAYS.test(line) || WARNING.test(line)).map(line => shorten(line.replace(SUFFIX, "")));
  return [...new Set(reasons)];
}

/** Of a configuration that breaks a rule Envoy prints all lines, and only then a colon and the rule; once in its log, once as it ends. */
const ALWAYS = /\[(critical|error)\]|^(error|envoy)?: /i;
const SUFFIX = /` initializing config '.*$/;
const WARNING = /\[warning\]\[(wasm|config|upstream)\]/;

/** Takes Envoy's date, thread and source position from a log line: `[2026-..][15][error][wasm] [source/..:95] text` becomes `error wasm: text`. */
export function shorten(line: string): string {
  const match = /^\[[^\]]+\]\[\d+\]\[(\w+)\]\[(\w+)\] (?:\[[^\]]+\] )?(.*)$/.exec(line);
  return match ? `${match[1]} ${match[2]}: ${match[3]}` : line;
}
