import type { Host } from "../host/index.ts";

/** How long, by the emulator's clock, a request or a line is waited for. */
const PATIENCE_MS = 20_000;
/** How long a test may take to do what the emulator waits for; only for what hangs. */
const REAL_PATIENCE_MS = 30_000;

/**
 * Waits for the emulator. Its clock moves by itself from timer to timer, as nothing else can happen, but while the test owes something (an
 * answer, a piece of a body) it moves as real time does, so that the test comes first.
 */
export class Patience {
  readonly #owed = new Set<string>();
  readonly #waiters = new Set<() => void>();

  /** What the test has to do meanwhile, for a message; it is done when the function is called. */
  owes(what: string): () => void {
    const unique = this.#owed.has(what) ? `${what} (another one)` : what;
    this.#owed.add(unique);
    return () => {
      this.#owed.delete(unique);
      this.wake();
    };
  }

  /** Something has happened. */
  wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  /** Resolves when it holds, or nothing will make it hold any more. */
  async until(host: Host, condition: () => boolean): Promise<void> {
    const deadline = Date.now() + REAL_PATIENCE_MS;
    let waited = 0;
    while (!condition()) {
      const next = host.clock.untilNext;
      if (this.#owed.size > 0) {
        if (Date.now() > deadline) {
          throw new Error(`for ${REAL_PATIENCE_MS / 1000} s the test did not go on, and it owes ${[...this.#owed].join(", ")}`);
        }
        await this.#realTime(host, next);
      } else if (next === null || waited + next > PATIENCE_MS) return;
      else {
        waited += next;
        host.advance(next);
        this.wake();
        // Whoever waits for what has happened comes before what happens next.
        await new Promise(resolve => setImmediate(resolve));
      }
    }
  }

  async #realTime(host: Host, next: number | null): Promise<void> {
    const began = performance.now();
    const clock = host.clock.now;
    await new Promise<void>(resolve => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(next ?? 1000, 1000));
      this.#waiters.add(done);
    });
    // Of several that wait, the first moves the clock.
    if (host.clock.now !== clock) return;
    host.advance(performance.now() - began);
    this.wake();
  }
}
