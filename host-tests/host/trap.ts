import { resolve } from "node:path";
import type { RawFrame, SourceFrame } from "../../scripts/symbolize/index.ts";
import { frameText, isUsers } from "../../scripts/symbolize/index.ts";
import { sourceFrames, stackLines } from "./source-stack.ts";

/** A callback that ended in a trap, and with it the VM. */
export class Trap {
  /** The plugin's name. */
  readonly plugin: string;
  readonly callback: string;
  /** The engine's word: `RuntimeError: divide by zero`; after an abort always `RuntimeError: unreachable`. */
  readonly message: string;
  /** What the filter logged as it aborted: message, file, line and column; null for a trap of the engine itself. */
  readonly abort: string | null;
  readonly #wasmFile: string | null;
  readonly #raw: readonly RawFrame[];

  constructor(
    plugin: string,
    wasm: string | Uint8Array,
    callback: string,
    message: string,
    abort: string | null,
    raw: readonly RawFrame[],
  ) {
    this.plugin = plugin;
    this.callback = callback;
    this.message = message;
    this.abort = abort;
    this.#wasmFile = typeof wasm === "string" ? resolve(wasm) : null;
    this.#raw = raw;
  }

  /** The functions that were under way, the innermost first, by the source map beside the module; empty without one. */
  get frames(): SourceFrame[] {
    return this.#wasmFile === null ? [] : sourceFrames(this.#wasmFile, this.#raw);
  }

  /** The frames as lines of an error's stack. */
  get stack(): string[] {
    return this.#wasmFile === null ? [] : stackLines(this.#wasmFile, this.frames);
  }

  /** In one line, with the innermost place in the filter's own sources. */
  toString(): string {
    const own = this.frames.find(isUsers);
    const why = this.abort ?? this.message;
    return `${this.plugin} trapped in ${this.callback}: ${why}${own ? `, at ${frameText({ ...own, text: null })}` : ""}`;
  }
}
