import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { RunningEnvoy } from "../envoy/index.ts";

/** A listener whose new connections go to the worker that has the fewest, instead of to the one that the kernel draws. */
export const BALANCED = { connection_balance_config: { exact_balance: {} } } as const;

/** Opens connections that a chosen worker of Envoy serves. */
export class WorkerSockets {
  readonly #envoy: RunningEnvoy;
  readonly #workers: number;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(envoy: RunningEnvoy, workers: number) {
    this.#envoy = envoy;
    this.#workers = workers;
  }

  /** One after the other, so that what Envoy counts belongs to one of them. */
  open(listener: string, worker: number): Promise<Socket> {
    const opened = this.#turn.then(() => this.#open(listener, worker));
    this.#turn = opened.catch(() => {});
    return opened;
  }

  async #open(listener: string, worker: number): Promise<Socket> {
    const others: Socket[] = [];
    try {
      // Each that another worker took makes the wanted one the next.
      for (let tries = 0; tries < 8 * this.#workers; tries++) {
        const before = await this.#accepted();
        const socket = connect({ ...this.#envoy.address(listener), allowHalfOpen: true });
        await once(socket, "connect");
        if ((await this.#whoAccepted(listener, before)) === worker) return socket;
        socket.on("error", () => {});
        others.push(socket);
      }
    } finally {
      for (const socket of others) socket.destroy();
    }
    throw new Error(`${others.length} connections to listener "${listener}" were opened, and worker ${worker} took none of them`);
  }

  async #whoAccepted(listener: string, before: readonly number[]): Promise<number> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const now = await this.#accepted();
      const who = now.findIndex((count, worker) => count > (before[worker] ?? 0));
      if (who >= 0) return who;
      if (Date.now() > deadline) throw new Error(`no worker accepted a connection to listener "${listener}" within 30 s`);
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  }

  /** How many connections each worker has taken, of all listeners: those that share a port in the configuration share a counter. */
  async #accepted(): Promise<number[]> {
    const text = await this.#envoy.admin(`/stats?filter=${encodeURIComponent("^listener\\..*\\.worker_\\d+\\.downstream_cx_total$")}`);
    const counts = new Array<number>(this.#workers).fill(0);
    for (const [, worker, count] of text.matchAll(/\.worker_(\d+)\.downstream_cx_total: (\d+)$/gm)) {
      counts[Number(worker)] = (counts[Number(worker)] ?? 0) + Number(count);
    }
    return counts;
  }
}
