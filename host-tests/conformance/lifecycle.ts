import { type EnvoySpec, startEnvoy } from "../envoy/index.ts";
import { createHost } from "../host/index.ts";
import { probeLines } from "./emulated.ts";
import { NODE, probeFilter } from "./real.ts";
import { WorkerLog } from "./worker-log.ts";

/** Configurations of two listeners in one VM, one after the other: what an update does with the plugin contexts of the old one. */
const STEPS: readonly (readonly [string, string])[] = [
  ["brief one", "brief keep"],
  ["brief two defer", "brief keep"],
  ["brief three", "brief keep"],
  ["brief four refuse", "brief keep"],
  // One at a time: of two that end at once, either may be the first.
  ["brief five defer", "brief keep"],
  ["brief five defer", "brief last"],
];
const LISTENERS = ["a", "b"] as const;
/** Long enough for the requests of a step to come before the drain that its update began has ended. */
const DRAIN_MS = 2000;

function spec(wasm: string, [a, b]: readonly [string, string]): EnvoySpec {
  const filter = (config: string) => [{ ...probeFilter(wasm, "life"), vmId: "life", config }];
  return {
    node: { metadata: NODE },
    dynamicListeners: true,
    listeners: [
      { name: "a", filters: filter(a) },
      { name: "b", filters: filter(b) },
    ],
  };
}

/** The lines of the worker for each step: the update itself, a request to each listener, and the drain. As many as `emulated` has are waited for. */
export async function realLifecycle(version: string, wasm: string, emulated: readonly string[][]): Promise<string[][]> {
  const [first, ...rest] = STEPS as [(typeof STEPS)[0], ...typeof STEPS];
  const envoy = await startEnvoy({
    version,
    config: spec(wasm, first),
    drainTimeS: DRAIN_MS / 1000,
    drainStrategy: "immediate",
    componentLogLevel: "wasm:info",
  });
  try {
    const log = new WorkerLog(envoy);
    await log.started(LISTENERS.length);
    const all: string[][] = [];
    const step = async (): Promise<boolean> => {
      for (const listener of LISTENERS) await envoy.request(listener, { path: `/${listener}` });
      const wanted = emulated[all.length]?.length ?? 0;
      const lines = await log.take(wanted);
      all.push(lines);
      return lines.length >= wanted;
    };
    if (!(await step())) return all;
    for (const next of rest) {
      await envoy.update(spec(wasm, next));
      if (!(await step())) return all;
    }
    await envoy.drained();
    all.at(-1)?.push(...(await log.take(0)));
    return all;
  } finally {
    await envoy.stop();
  }
}

export function emulatedLifecycle(version: string, wasm: string): string[][] {
  const host = createHost({ version, node: { metadata: NODE }, drainMs: DRAIN_MS });
  const options = (config: string) => ({ wasm, name: "probe", vmId: "life", config, env: { PROBE: "yes" } });
  const [first, ...rest] = STEPS as [(typeof STEPS)[0], ...typeof STEPS];
  const plugins = first.map(config => host.plugin(options(config)));
  const all: string[][] = [];
  let from = 0;
  const step = (): void => {
    for (const [index, plugin] of plugins.entries()) {
      host.request({ path: `/${LISTENERS[index]}`, plugins: [plugin], routes: [{ response: { status: 200, body: "ok" } }] });
    }
    host.advance(DRAIN_MS + 600);
    all.push(probeLines(host, from));
    from = host.log.entries.length;
  };
  step();
  for (const next of rest) {
    for (const [index, config] of next.entries()) {
      const plugin = plugins[index];
      if (plugin && plugin.settings.options.config !== config) {
        try {
          plugin.update({ config });
        } catch {
          // Refused: the old one goes on. What the module said in the main thread's trial is not the worker's.
          from = host.log.entries.length;
        }
      }
    }
    step();
  }
  return all;
}
