import { type EnvoyProcess, type ListenerAddress, listenerAddresses, startProcess } from "../envoy/index.ts";
import { type EnvoySpec, envoyConfig, type FilterSpec, localPlace } from "../envoy-config/index.ts";
import { withFolder, writeConfig } from "./folder.ts";

export interface RunningEnvoy {
  readonly envoy: EnvoyProcess;
  /** Where the first listener answers. */
  readonly target: ListenerAddress;
  readonly folder: string;
}

export interface EnvoyRunOptions {
  readonly workers?: number | undefined;
  /** Another program that starts Envoy, made in its folder. */
  readonly launcher?: (folder: string) => Promise<string>;
  readonly readyTimeoutMs?: number | undefined;
}

/** Runs an Envoy while `use` works with it; an error of that has the last lines of Envoy's log. */
export async function withEnvoy<T>(
  binary: string,
  spec: EnvoySpec,
  use: (running: RunningEnvoy) => Promise<T>,
  { workers, launcher, readyTimeoutMs }: EnvoyRunOptions = {},
): Promise<T> {
  return withFolder(async folder => {
    const config = await writeConfig(folder, envoyConfig(spec, localPlace(folder)));
    const program = launcher ? await launcher(folder) : binary;
    const options = { binary: program, config, folder, logLevel: "warn", concurrency: workers, readyTimeoutMs };
    const envoy = await startProcess(options);
    try {
      const [target] = await listenerAddresses(envoy.admin);
      if (!target) throw new Error("bench: Envoy opened no listener");
      return await use({ envoy, target, folder });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${envoy.log.tail(10)}`, { cause: error });
    } finally {
      await envoy.stop();
    }
  });
}

/** Runs one Envoy for each specification at once, so that they can be measured in turn. */
export async function withEnvoys<T>(
  binary: string,
  specs: readonly EnvoySpec[],
  use: (running: readonly RunningEnvoy[]) => Promise<T>,
  options: EnvoyRunOptions = {},
  started: readonly RunningEnvoy[] = [],
): Promise<T> {
  const [next, ...rest] = specs;
  if (!next) return use(started);
  return withEnvoy(binary, next, running => withEnvoys(binary, rest, use, options, [...started, running]), options);
}

/** Envoy answers by itself, so that nothing but Envoy and the filters is measured. */
export function answering(filters: readonly FilterSpec[], other?: FilterSpec): EnvoySpec {
  return { listeners: [{ name: "bench", filters: [...filters] }, ...(other ? [{ name: "other", filters: [other] }] : [])] };
}

/** The same filter several times in one chain. */
export function chainOf(filter: FilterSpec | null, times: number): FilterSpec[] {
  return filter ? Array.from({ length: times }, () => filter) : [];
}
