import { Agent } from "node:http";
import { type EnvoyResponse, type RequestOptions, request } from "./request.ts";
import type { RunningEnvoy } from "./running.ts";

export interface Load {
  /** Requests answered so far. */
  sent(): number;
  /** Resolves when `count` requests have been answered since the call. */
  more(count: number): Promise<void>;
  /** Ends the load; what went wrong: a refused or broken connection, or an answer that `ok` does not accept. */
  stop(): Promise<{ sent: number; failures: string[] }>;
}

export interface LoadOptions {
  /** How many requests are under way at once, each on a kept connection; 8 by default. */
  concurrency?: number;
  request?: RequestOptions;
  /** Status 200 by default. `sentAt` is `performance.now()` when the request was sent. */
  ok?: (response: EnvoyResponse, sentAt: number) => boolean;
}

/** Requests without pause on kept connections, to change something under. */
export function startLoad(envoy: RunningEnvoy, listener: string, options: LoadOptions = {}): Load {
  const { concurrency = 8, ok = response => response.status === 200 } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const failures: string[] = [];
  let sent = 0;
  let stopped = false;
  const worker = async (): Promise<void> => {
    while (!stopped) {
      const sentAt = performance.now();
      try {
        const response = await request(envoy.address(listener), { ...options.request, agent });
        if (!ok(response, sentAt)) failures.push(`request ${sent}: ${response.status} ${response.body.slice(0, 200)}`);
      } catch (error) {
        failures.push(`request ${sent}: ${(error as Error).message}`);
      }
      sent++;
    }
  };
  const workers = Array.from({ length: concurrency }, worker);
  return {
    sent: () => sent,
    more: async count => {
      const until = sent + count;
      while (sent < until) await new Promise(resolve => setTimeout(resolve, 5));
    },
    stop: async () => {
      stopped = true;
      await Promise.all(workers);
      agent.destroy();
      return { sent, failures };
    },
  };
}
