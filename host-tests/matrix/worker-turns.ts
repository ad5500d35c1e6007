/** Which worker gets a request or connection: the one that it names, else each in turn. */
export class WorkerTurns {
  readonly workers: number;
  #next = 0;

  constructor(workers: number) {
    if (!Number.isInteger(workers) || workers < 1 || workers > 8) {
      throw new Error(`start: workers: ${workers}; a host has 1 to 8 workers, and 1 when it does not say`);
    }
    this.workers = workers;
  }

  next(named: number | undefined): number {
    if (named === undefined) return this.#next++ % this.workers;
    if (Number.isInteger(named) && named >= 0 && named < this.workers) return named;
    const last = this.workers - 1;
    const there = last === 0 ? "the host has one worker, 0; start it with workers: 2 for another one" : `there are 0 to ${last}`;
    throw new Error(`worker: ${named} is not there; ${there}`);
  }
}
