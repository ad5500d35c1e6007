import { createHost } from "../host/index.ts";

/** What the log says of one trap, as Envoy writes it; the emulator writes the same. */
export function backtraceOf(wasm: string, kind: string): { log: string; frames: string[] } {
  const host = createHost();
  host.plugin({ wasm, name: "traps" });
  host.request({ headers: [["x-trap", kind]] });
  const log = host.log.lines.join("\n");
  return { log, frames: log.split("\n").filter(line => /^ *\d+: {2}0x/.test(line)) };
}
