import { afterEach } from "vitest";
import { type Collector, type CollectorOptions, startCollector } from "../collector/collector.ts";
import { type RunningEnvoy, type StartOptions, startEnvoy } from "../envoy/index.ts";

const open: { stop(): Promise<unknown> }[] = [];

/** Ends with the test, in the other order of their starts: an Envoy that ends sends what it has. */
export function keep<T extends { stop(): Promise<unknown> }>(started: T): T {
  open.push(started);
  return started;
}

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
});

export const collect = async (options?: CollectorOptions): Promise<Collector> => keep(await startCollector(options));

/** As a process, because it has to reach the Collector on this machine's loopback. */
export const envoy = async (config: StartOptions["config"]): Promise<RunningEnvoy> => keep(await startEnvoy({ config, run: "binary" }));
