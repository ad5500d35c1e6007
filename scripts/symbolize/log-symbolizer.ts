import { type RawFrame, recognise, resolveFrame, type SourceFrame } from "./frames.ts";
import type { ModuleFunction, ModuleMap } from "./module-map.ts";
import { frameText } from "./render.ts";

/** A frame in a log: Envoy's, and what it is in the sources. */
export interface LoggedFrame extends RawFrame {
  readonly frames: readonly SourceFrame[];
}

/** One trap in a log. */
export interface Backtrace {
  /** What Envoy says of it, without what its log puts before; null when that line is not there. */
  readonly trap: string | null;
  readonly module: ModuleMap["module"];
  readonly frames: readonly LoggedFrame[];
}

/** A frame in a line, or in a part of one: `  1:  0x28d2 - path/to/function`, with whatever a log puts around it. */
const FRAME = /^(.*?(?:^|[\s"]))(\d+):\s+0x([0-9a-f]+) - ([^\s"\\]+)(.*)$/;
/** Newlines within a message, where a log has one line for each message; as often escaped as the log is wrapped. */
const ESCAPED_NEWLINE = /(\\+n)/;
const TRAP = /Function: \w+ failed: .*?(?=\\+n|"|$)/;
const INDENT = "       ";

interface Last {
  readonly number: number;
  readonly map: ModuleMap;
  readonly offset: number;
  readonly name: string;
  readonly within: ModuleFunction;
}

/** Reads a log line by line. A frame of one of the modules becomes lines of source; everything else stays as it is. */
export class LogSymbolizer {
  readonly #maps: readonly ModuleMap[];
  readonly #backtraces: { trap: string | null; module: ModuleMap["module"]; frames: LoggedFrame[] }[] = [];
  /** A filter that traps does so at every request: the same frames over and over. */
  readonly #known = new Map<string, readonly SourceFrame[]>();
  #last: Last | null = null;
  #trap: string | null = null;
  /** Frames of other modules, or of another build of these. */
  readonly foreign: RawFrame[] = [];

  constructor(maps: readonly ModuleMap[]) {
    this.#maps = maps;
  }

  /** What was found in the lines so far. */
  get backtraces(): readonly Backtrace[] {
    return this.#backtraces;
  }

  /** The line as it is to be read; it may have become several. */
  line(text: string): string {
    this.#trap = TRAP.exec(text)?.[0] ?? this.#trap;
    if (!text.includes(" - ")) return text;
    const parts = text.split(ESCAPED_NEWLINE);
    const separator = parts[1];
    if (separator === undefined)
      return this.#part(
        text,
        prefix => `\n${prefix}`,
        plain => plain,
      );
    // In JSON a quote in a line of source has to be escaped as well.
    const quote = text.trimStart().startsWith("{") ? (plain: string) => JSON.stringify(plain).slice(1, -1) : (plain: string) => plain;
    return parts.map((part, index) => (index % 2 === 1 ? part : this.#part(part, () => separator, quote))).join("");
  }

  /** What one line of a log, a frame by itself, is in the sources; null when it is no frame of these modules. */
  frame(text: string): readonly SourceFrame[] | null {
    const [, , number, hexadecimal, name] = FRAME.exec(text) ?? [];
    if (number === undefined || hexadecimal === undefined || name === undefined) return null;
    return this.#resolve(Number(number), { offset: Number.parseInt(hexadecimal, 16), name });
  }

  #part(part: string, newline: (prefix: string) => string, quote: (plain: string) => string): string {
    const [, prefix = "", number, hexadecimal, name, tail = ""] = FRAME.exec(part) ?? [];
    if (number === undefined || hexadecimal === undefined || name === undefined) return part;
    const frames = this.#resolve(Number(number), { offset: Number.parseInt(hexadecimal, 16), name });
    if (!frames) return part;
    const [first, ...others] = frames.map(frame => quote(frameText(frame)));
    const lines = [`${prefix}${number}:  0x${hexadecimal} - ${first}`, ...others.map(other => `${INDENT}${other}`)];
    return lines.join(newline(prefix.trimEnd())) + tail;
  }

  #resolve(number: number, raw: RawFrame): readonly SourceFrame[] | null {
    const inner = this.#last?.number === number - 1 ? this.#last : null;
    // The frames of one backtrace are of one module.
    const candidates = inner ? [inner.map] : this.#maps;
    for (const map of candidates) {
      const within = recognise(map, raw);
      if (!within) continue;
      const frames = this.#resolved(map, { ...raw, within }, inner);
      if (!inner) {
        this.#backtraces.push({ trap: this.#trap, module: map.module, frames: [] });
        this.#trap = null;
      }
      this.#backtraces.at(-1)?.frames.push({ ...raw, frames });
      this.#last = { ...raw, number, map, within };
      return frames;
    }
    this.#last = null;
    this.foreign.push(raw);
    return null;
  }

  #resolved(map: ModuleMap, frame: RawFrame & { within: ModuleFunction }, inner: Last | null): readonly SourceFrame[] {
    const key = `${this.#maps.indexOf(map)} ${frame.offset} ${inner?.offset ?? "-"}`;
    const frames = this.#known.get(key) ?? resolveFrame(map, frame, inner);
    this.#known.set(key, frames);
    return frames;
  }
}
