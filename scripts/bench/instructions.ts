import { listenerAddresses, startProcess } from "../envoy/index.ts";
import { type EnvoySpec, envoyConfig, localPlace } from "../envoy-config/index.ts";
import { Counters, callgrindLauncher } from "./callgrind.ts";
import { sendRequests } from "./client.ts";
import { withFolder, writeConfig } from "./folder.ts";

/** Enough for V8 to have put its optimised code in place of the first; more changes nothing. */
const WARM_UP = 6_000;
const COUNTED = 2_000;
/** Rounds that are close enough to be the same number. */
const REPEATS_WITHIN = 0.002;
const MOST_ROUNDS = 8;

export interface InstructionCount {
  perRequest: number;
  /** Every round, the last two of which agree. */
  rounds: number[];
}

/**
 * Counts the worker's user-mode instructions per request, V8's compiled code included.
 * Counts again until two rounds agree: the first ones may still hold work of the start.
 */
export async function countInstructions(binary: string, spec: EnvoySpec, request: string): Promise<InstructionCount> {
  return withFolder(async folder => {
    const config = await writeConfig(folder, envoyConfig(spec, localPlace(folder)));
    const launcher = await callgrindLauncher(binary, folder);
    const envoy = await startProcess({ binary: launcher, config, folder, logLevel: "warn", readyTimeoutMs: 180_000 });
    try {
      const [target] = await listenerAddresses(envoy.admin);
      if (!target) throw new Error("bench: Envoy opened no listener");
      const send = (count: number): Promise<void> => sendRequests(target, [request], count);
      const counters = new Counters(envoy.pid, folder);
      await send(WARM_UP);
      await counters.start();
      // valgrind translates the code anew when counting begins.
      await send(COUNTED / 10);
      const rounds: number[] = [];
      while (rounds.length < MOST_ROUNDS) {
        rounds.push((await counters.during(() => send(COUNTED))) / COUNTED);
        const [last = 0, before = 0] = rounds.slice(-2).reverse();
        if (Math.abs(last - before) <= REPEATS_WITHIN * last) return { perRequest: Math.min(last, before), rounds };
      }
      throw new Error(
        `bench: the count did not settle in ${MOST_ROUNDS} rounds: ${rounds.map(Math.round).join(", ")} instructions per request`,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${envoy.log.tail(10)}`, { cause: error });
    } finally {
      await envoy.stop();
    }
  });
}
