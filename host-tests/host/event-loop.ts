/** Runs what was put off, one task after the other, when nothing else is under way. Workers in one process share it: there is one thread. */
export class EventLoop {
  readonly #tasks: (() => void)[] = [];
  #running = false;

  post(task: () => void): void {
    this.#tasks.push(task);
  }

  /** Does all of `run` before any task, and then the tasks, also when a test does it within a callback. */
  together(run: () => void): void {
    this.#running = true;
    try {
      run();
    } finally {
      this.#running = false;
    }
    this.settle();
  }

  /** Runs what was posted, unless it is running already. */
  settle(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) task();
    } finally {
      this.#running = false;
    }
  }
}
