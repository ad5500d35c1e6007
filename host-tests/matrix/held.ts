import { Queue } from "./queue.ts";
import type { HeldRequest, HostUpstreamRequest, Reaction } from "./types.ts";

/** Requests of an upstream whose answers are left to the test. */
export class HeldRequests {
  readonly #waiting: Queue<HeldRequest>;

  constructor(meanwhile?: () => () => void) {
    this.#waiting = new Queue("a request to the upstream", meanwhile);
  }

  next(): Promise<HeldRequest> {
    return this.#waiting.take();
  }

  /** Resolves when the test has said what becomes of the request. */
  hold(request: HostUpstreamRequest): Promise<Reaction | undefined> {
    return new Promise(resolve => {
      let said = false;
      const say = (reaction: Reaction | undefined): void => {
        if (said)
          throw new Error(`${request.method} ${request.path}: respond() on a request that has its answer already; a request gets one`);
        said = true;
        resolve(reaction);
      };
      this.#waiting.put({ ...request, respond: say });
    });
  }
}
