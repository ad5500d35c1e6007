import type { EnvoySpec } from "../envoy-config/index.ts";
import { Counters, callgrindLauncher } from "./callgrind.ts";
import { sendRequests } from "./client.ts";
import { type EnvoyRunOptions, type RunningEnvoy, withEnvoy } from "./envoy.ts";

/** Enough for V8 to have put its optimised code in place of the first; more changes nothing. */
const WARM_UP = 6_000;
const COUNTED = 1_000;
/** Rounds that are close enough to be the same number. */
const REPEATS_WITHIN = 0.002;
const MOST_ROUNDS = 8;

export interface InstructionOptions {
  /** Requests of a kind before they are counted; for kinds that take long, such as large bodies. */
  readonly warmUp?: number;
  readonly counted?: number;
  readonly workers?: number;
  /** Connections over which they are sent. */
  readonly connections?: number;
  /** Rounds that are as close as this, in parts, are the same number. */
  readonly within?: number;
  /** Done with the running Envoy before anything is sent, and undone afterwards: streams that are held open. */
  readonly beside?: (running: RunningEnvoy) => Promise<() => void>;
}

/**
 * Counts the worker's user-mode instructions per request, V8's compiled code included, for each kind of request in turn; a kind may be several
 * requests, which are sent in turn. Counts again until two rounds agree: the first ones may still hold work of the start.
 */
export async function countInstructions(
  binary: string,
  spec: EnvoySpec,
  requests: readonly (string | readonly string[])[],
  options: InstructionOptions = {},
): Promise<number[]> {
  const { workers } = options;
  const run: EnvoyRunOptions = { workers, readyTimeoutMs: 300_000, launcher: folder => callgrindLauncher(binary, folder) };
  return withEnvoy(
    binary,
    spec,
    async running => {
      const undo = await options.beside?.(running);
      const counters = new Counters(running.envoy.pid, running.folder);
      const counts: number[] = [];
      for (const [i, request] of requests.entries()) {
        // What is left to compile for a further kind of request is little.
        const warmUp = (options.warmUp ?? WARM_UP) / (i === 0 ? 1 : 4);
        counts.push(await countOne(running, counters, request, { ...options, warmUp }));
      }
      undo?.();
      return counts;
    },
    run,
  );
}

async function countOne(
  { target }: RunningEnvoy,
  counters: Counters,
  request: string | readonly string[],
  options: InstructionOptions & { warmUp: number },
): Promise<number> {
  const { warmUp, counted = COUNTED, workers = 1, connections = 1, within = REPEATS_WITHIN } = options;
  const send = (count: number): Promise<void> => sendRequests(target, [request].flat(), count, connections);
  // Without counting, valgrind is several times as fast.
  await counters.stop();
  await send(warmUp);
  await counters.start();
  // valgrind translates the code anew when counting begins.
  await send(Math.ceil(counted / 10));
  const rounds: number[] = [];
  while (rounds.length < MOST_ROUNDS) {
    rounds.push((await counters.during(() => send(counted), workers)) / counted);
    const [last = 0, before = 0] = rounds.slice(-2).reverse();
    if (Math.abs(last - before) <= within * last) return Math.min(last, before);
  }
  throw new Error(
    `bench: the count did not settle in ${MOST_ROUNDS} rounds: ${rounds.map(Math.round).join(", ")} instructions per request`,
  );
}
