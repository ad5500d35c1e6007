import type { Clock } from "./clock.ts";

/** Spec: v0.2.1 #proxy_log_level_t */
export const LOG_LEVELS = ["trace", "debug", "info", "warning", "error", "critical"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogEntry {
  readonly level: LogLevel;
  /** What was logged, without prefix. */
  readonly text: string;
  /** The plugin's name, root id and VM id as Envoy puts them before the text; "" when the host itself speaks. */
  readonly prefix: string;
  /** As Envoy's log would have it. */
  readonly line: string;
}

/** What filters, and the host about filters, have logged. */
export class HostLog {
  /** Entries below this level are not kept, as in Envoy. */
  level: LogLevel;
  readonly entries: LogEntry[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock, level: LogLevel) {
    this.#clock = clock;
    this.level = level;
  }

  get lines(): string[] {
    return this.entries.map(({ line }) => line);
  }

  /** A filter's line. */
  plugin(level: LogLevel, prefix: string, text: string): void {
    this.#add(level, prefix, text, `wasm log${prefix}: ${text}`);
  }

  /** A line of the host. */
  host(level: LogLevel, text: string): void {
    this.#add(level, "", text, text);
  }

  /** The entries whose line matches. */
  search(pattern?: RegExp | string): LogEntry[] {
    if (pattern === undefined) return [...this.entries];
    return this.entries.filter(({ line }) => (typeof pattern === "string" ? line.includes(pattern) : new RegExp(pattern).test(line)));
  }

  #add(level: LogLevel, prefix: string, text: string, said: string): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.level)) return;
    const time = new Date(Number(this.#clock.now / 1_000_000n)).toISOString().replace("T", " ").replace("Z", "");
    this.entries.push({ level, prefix, text, line: `[${time}][1][${level}][wasm] ${said}` });
  }
}
