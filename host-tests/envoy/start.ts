import { rmSync } from "node:fs";
import { chmod, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ENVOY_VERSION, type EnvoyFlags, EnvoyStartError, LineLog } from "../../scripts/envoy/index.ts";
import { dynamicFiles, type EnvoySpec, envoyConfig, type Place } from "../../scripts/envoy-config/index.ts";
import { atExit } from "../../scripts/leftovers/index.ts";
import { startBinary } from "./binary.ts";
import { startContainer } from "./container.ts";
import { chooseRun, type Run } from "./engine.ts";
import { MARK } from "./mark.ts";
import { RunningEnvoy } from "./running.ts";

export interface StartOptions extends EnvoyFlags {
  /** 1.40.0 by default. */
  version?: string | undefined;
  /** A form, or the bootstrap itself as a function of where Envoy runs. */
  config: EnvoySpec | ((place: Place) => string);
  /** Further files for Envoy's folder: name to content. */
  files?: Record<string, string | Uint8Array> | undefined;
  /** Environment of the Envoy process. */
  env?: Record<string, string> | undefined;
  /** Container or binary; by default what this machine offers, container first. */
  run?: Run | undefined;
  readyTimeoutMs?: number | undefined;
  /** For a configuration given as text: how many listeners with a port from `place.listenerPort` it may have; 4 by default. */
  listeners?: number | undefined;
  /** Says which Envoy it is, on the first start of each; standard error by default. */
  say?: ((line: string) => void) | undefined;
}

/** Ports that stay open for listeners that an update adds. */
const SPARE_LISTENERS = 2;
const announced = new Set<string>();

/**
 * Starts a real Envoy and resolves when it is ready.
 * Rejects with an EnvoyStartError whose message holds the reason from Envoy's log when it refuses the configuration.
 */
export async function startEnvoy(options: StartOptions): Promise<RunningEnvoy> {
  const version = options.version ?? DEFAULT_ENVOY_VERSION;
  const run = await chooseRun(options.run);
  const { config } = options;
  const folder = await realpath(await mkdtemp(join(tmpdir(), "meshwright-envoy-")));
  // Envoy in a container may be another user (rootless engines map ids).
  await chmod(folder, 0o777);
  const forget = atExit(() => rmSync(folder, { recursive: true, force: true }));
  const stopped = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    forget();
  };

  const write = async (place: Place): Promise<string> => {
    const path = join(folder, "envoy.yaml");
    const files = new Map<string, string | Uint8Array>(
      Object.entries(options.files ?? {}).map(([name, content]) => [join(folder, name), content]),
    );
    if (typeof config !== "function") for (const [file, text] of dynamicFiles(config, place)) files.set(file, text);
    files.set(path, typeof config === "function" ? config(place) : envoyConfig(config, place));
    for (const [file, content] of files) await writeFile(file, content, { mode: 0o644 });
    return path;
  };
  try {
    const start = run === "container" ? startContainer : startBinary;
    const instance = await start({
      ...options,
      version,
      folder,
      log: new LineLog(MARK),
      listeners:
        typeof config === "function" ? (options.listeners ?? 4) : config.listeners.length + (config.dynamicListeners ? SPARE_LISTENERS : 0),
      ports: typeof config === "function" ? [] : config.listeners.flatMap(listener => listener.port || []),
      write,
    });
    announce(version, instance.described, options.say);
    const envoy = new RunningEnvoy(version, run, instance, stopped);
    // Refused listeners from a file do not keep Envoy from running, only from listening.
    if ((await envoy.stat("listener_manager.lds.update_rejected")) > 0) {
      // The reason is on its way through a pipe or an engine; a log level above warning has none.
      await envoy.log.waitFor(/config update (rejected|failure)/, { timeoutMs: 10_000 }).catch(() => {});
      await envoy.stop();
      throw new EnvoyStartError("its listeners were refused", envoy.log);
    }
    await envoy.refresh(typeof config === "function" ? [] : config.listeners.map(listener => listener.name));
    return envoy;
  } catch (error) {
    await stopped();
    throw error;
  }
}

function announce(version: string, described: string, say: StartOptions["say"]): void {
  const line = `[envoy ${version}] ${described}`;
  if (announced.has(line)) return;
  announced.add(line);
  (say ?? console.error)(line);
}
