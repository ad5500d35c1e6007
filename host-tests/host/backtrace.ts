import type { RawFrame } from "../../scripts/symbolize/index.ts";

/** A frame of a module in the stack of an error: `at name (wasm://wasm/abcd:wasm-function[12]:0x34)`. */
const FRAME = /at (?:(.+) \()?wasm:\/\/[^)]*wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)?/;
const MOST_FRAMES = 20;

/** The frames of the module in an error of the engine, the innermost first; as many as Envoy prints. */
export function framesOf(error: Error): RawFrame[] {
  const frames = (error.stack ?? "").split("\n").flatMap((line): RawFrame[] => {
    const [, name, index, offset] = FRAME.exec(line) ?? [];
    return offset ? [{ offset: Number.parseInt(offset, 16), name: name?.replace(/^[^.]*\./, "") ?? `wasm-function[${index}]` }] : [];
  });
  return frames.slice(0, MOST_FRAMES);
}

/** The frames as Envoy prints them, offsets in the module first; "" when there is none. */
export function backtrace(frames: readonly RawFrame[]): string {
  if (frames.length === 0) return "";
  const lines = frames.map(({ offset, name }, index) => `\n${String(index).padStart(3)}:  0x${offset.toString(16)} - ${name}`);
  return `\nProxy-Wasm plugin in-VM backtrace:${lines.join("")}`;
}
