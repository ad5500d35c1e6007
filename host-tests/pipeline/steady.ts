import { request } from "../envoy/index.ts";

export interface Steady {
  /** Resolves when `count` more requests have been answered. */
  more(count: number): Promise<void>;
  /** Ends it: how many were answered with which status. A request without an answer is an error. */
  stop(): Promise<Record<number, number>>;
}

/** Requests without pause, each on a connection of its own, so that none meets a connection that is just being closed. */
export function steady(target: { host: string; port: number }, headers: readonly (readonly [string, string])[] = [], workers = 4): Steady {
  const statuses: Record<number, number> = {};
  let answered = 0;
  let isStopped = false;
  let failure: Error | null = null;
  const work = async (): Promise<void> => {
    while (!isStopped) {
      const { status } = await request(target, { headers });
      statuses[status] = (statuses[status] ?? 0) + 1;
      answered++;
    }
  };
  const done = Promise.all(Array.from({ length: workers }, work)).catch((error: Error) => {
    failure = error;
  });
  return {
    more: async count => {
      const until = answered + count;
      while (answered < until && !failure) await new Promise(resolve => setTimeout(resolve, 10));
      if (failure) throw failure;
    },
    stop: async () => {
      isStopped = true;
      await done;
      if (failure) throw failure;
      return statuses;
    },
  };
}
