import { PATIENCE_MS } from "./until.ts";

/** What comes, in its order, for a test that waits for the next one. */
export class Queue<T> {
  readonly #what: string;
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  readonly #meanwhile: () => () => void;

  /** `what` is for the message: `a request to the upstream`. `meanwhile` begins what goes on while somebody waits, and ends by its result. */
  constructor(what: string, meanwhile: () => () => void = () => () => {}) {
    this.#what = what;
    this.#meanwhile = meanwhile;
  }

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker) taker(item);
    else this.#items.push(item);
  }

  take(): Promise<T> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve, reject) => {
      const stop = this.#meanwhile();
      const taker = (next: T): void => {
        clearTimeout(timer);
        stop();
        resolve(next);
      };
      const timer = setTimeout(() => {
        stop();
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        const next = "is its cluster routed to or called, and does a filter hold back what should come?";
        reject(new Error(`next(): in ${PATIENCE_MS / 1000} s ${this.#what} did not come; ${next}`));
      }, PATIENCE_MS);
      this.#takers.push(taker);
    });
  }
}
