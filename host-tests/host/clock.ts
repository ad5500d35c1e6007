interface Timer {
  at: bigint;
  order: number;
  run: () => void;
}

const MILLISECOND = 1_000_000n;

/** Time as the test moves it: it stands still until `advance`. In nanoseconds. */
export class Clock {
  #now: bigint;
  readonly #start: bigint;
  #timers: Timer[] = [];
  #order = 0;

  /** `startMs` is the wall clock at the beginning. */
  constructor(startMs: number) {
    this.#now = BigInt(Math.round(startMs * 1000)) * 1000n;
    this.#start = this.#now;
  }

  /** Nanoseconds since 1970. */
  get now(): bigint {
    return this.#now;
  }

  /** Nanoseconds of the monotonic clock: one hour when the emulator starts, so that differences below zero show. */
  get monotonic(): bigint {
    return this.#now - this.#start + 3_600_000n * MILLISECOND;
  }

  /** Calls `run` once, in so many milliseconds; returns the function that prevents it. */
  after(milliseconds: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + BigInt(Math.round(milliseconds)) * MILLISECOND, order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter(each => each !== timer);
    };
  }

  /** Milliseconds until the next timer; null when there is none. */
  get untilNext(): number | null {
    const next = this.#next();
    return next ? Number((next.at - this.#now) / MILLISECOND) : null;
  }

  /** Moves the time on and runs what falls due, in order; `afterEach` runs after every timer. */
  advance(milliseconds: number, afterEach: () => void): void {
    const until = this.#now + BigInt(Math.round(milliseconds)) * MILLISECOND;
    for (let next = this.#next(); next && next.at <= until; next = this.#next()) {
      const due = next;
      this.#timers = this.#timers.filter(each => each !== due);
      if (due.at > this.#now) this.#now = due.at;
      due.run();
      afterEach();
    }
    this.#now = until;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }
}
