/** Only for what hangs. */
export const PATIENCE_MS = 30_000;

/** Conditions that somebody waits for; `look` is called when one may have come true. */
export class Until {
  readonly #waiters = new Set<() => void>();
  readonly #meanwhile: () => () => void;

  /** `meanwhile` begins what goes on while somebody waits, and ends by its result. */
  constructor(meanwhile: () => () => void = () => () => {}) {
    this.#meanwhile = meanwhile;
  }

  look(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** `complaint` tells what did not come. */
  wait(condition: () => boolean, complaint: () => string): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = this.#meanwhile();
      const settle = (): void => {
        clearTimeout(timer);
        stop();
        this.#waiters.delete(waiter);
      };
      const waiter = (): void => {
        if (!condition()) return;
        settle();
        resolve();
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(complaint()));
      }, PATIENCE_MS);
      this.#waiters.add(waiter);
    });
  }
}
