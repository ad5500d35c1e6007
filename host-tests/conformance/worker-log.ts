import { setTimeout as sleep } from "node:timers/promises";
import type { RunningEnvoy } from "../envoy/index.ts";

const LINE = /^\[[^\]]*\]\[(\d+)\]\[(\w+)\]\[wasm\] (?:\[[^\]]*\] )?wasm log([^:]*): T (.*)$/;
const THREAD = /^\[[^\]]*\]\[(\d+)\]/;
const POLL_MS = 5;

/** How long what has to come may take to come: it only ends the wait for what never comes. */
export const PATIENCE_MS = 20_000;

/**
 * What the probe logs in the thread that serves requests; plugin contexts run in the main thread as well, and who of both is first is not
 * told. How many lines there have to be is known from the emulator, so nothing is waited for by the clock.
 */
export class WorkerLog {
  readonly #lines: string[] = [];
  readonly #configured = new Map<string, number>();
  #main: string | undefined;
  #taken = 0;

  constructor(envoy: RunningEnvoy) {
    for (const line of envoy.log.lines) this.#add(line);
    envoy.log.follow(line => this.#add(line));
  }

  /** Waits until each of `plugins` plugins stands in both threads: Envoy is ready before its worker has started the VMs. */
  async started(plugins: number): Promise<void> {
    const counts = (): number[] => [...this.#configured.values()];
    await until(() => counts().length === 2 && counts().every(count => count >= plugins));
    if (counts().length !== 2 || counts().some(count => count < plugins))
      throw new Error(`of ${plugins} plugins, the threads of Envoy have configured ${counts().join(" and ") || "none"}`);
  }

  /** Waits until there are `count` lines that have not been taken. */
  reach(count: number): Promise<void> {
    return until(() => this.#lines.length - this.#taken >= count);
  }

  /** The same, and takes all that there are: fewer when no more have come in time, for the comparison to show. */
  async take(count: number): Promise<string[]> {
    await this.reach(count);
    const taken = this.#lines.slice(this.#taken);
    this.#taken = this.#lines.length;
    return taken;
  }

  #add(line: string): void {
    // The first one to speak is the main thread.
    this.#main ??= THREAD.exec(line)?.[1];
    const [, thread = "", level, prefix, text = ""] = LINE.exec(line) ?? [];
    if (thread === "") return;
    if (text.startsWith("configure < ")) this.#configured.set(thread, (this.#configured.get(thread) ?? 0) + 1);
    if (thread !== this.#main) this.#lines.push(`${level}${prefix}: ${text}`);
  }
}

/** Returns when `holds` does, or after PATIENCE_MS. */
export async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !holds() && Date.now() < deadline; ) await sleep(POLL_MS);
}
