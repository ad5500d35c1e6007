/** A frame of a module in the stack of an error: `at name (wasm://wasm/abcd:wasm-function[12]:0x34)`. */
const FRAME = /at (?:(.+) \()?wasm:\/\/[^)]*wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)?/;
const MOST_FRAMES = 20;

/** The frames of the module as Envoy prints them, offsets in the module first; "" when there is none. */
export function backtrace(error: Error): string {
  const frames = (error.stack ?? "").split("\n").flatMap(line => {
    const [, name, index, offset] = FRAME.exec(line) ?? [];
    return offset ? [`${offset} - ${name?.replace(/^[^.]*\./, "") ?? `wasm-function[${index}]`}`] : [];
  });
  if (frames.length === 0) return "";
  const lines = frames.slice(0, MOST_FRAMES).map((frame, index) => `\n${String(index).padStart(3)}:  ${frame}`);
  return `\nProxy-Wasm plugin in-VM backtrace:${lines.join("")}`;
}
