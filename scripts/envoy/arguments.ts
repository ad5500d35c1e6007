/** How Envoy is started, the same for a process and a container. */
export interface EnvoyFlags {
  /** Worker threads; 1 by default, which makes a test repeatable and keeps several Envoys on one machine cheap. */
  concurrency?: number | undefined;
  /** Seconds that a replaced listener or filter chain keeps its connections; 2 by default (Envoy's own 600 outlives every test). */
  drainTimeS?: number | undefined;
  /**
   * "gradual" (Envoy's default) ends kept connections at random over the drain time, in whole seconds: within 1 s it ends none, and they are cut
   * at the end. "immediate" ends each with its next response.
   */
  drainStrategy?: "gradual" | "immediate" | undefined;
  /** Envoy's log level, `info` by default; `wasm:debug` style entries go to `componentLogLevel`. */
  logLevel?: string | undefined;
  componentLogLevel?: string | undefined;
  extraArgs?: string[] | undefined;
}

/** The command line without the program. Hot restart is off: its shared memory would let only one Envoy run per machine. */
export function envoyArguments(config: string, flags: EnvoyFlags): string[] {
  const args = ["-c", config, "--disable-hot-restart"];
  args.push("--concurrency", String(flags.concurrency ?? 1));
  args.push("--log-level", flags.logLevel ?? "info");
  args.push("--drain-time-s", String(flags.drainTimeS ?? 2));
  args.push("--file-flush-interval-msec", "50");
  if (flags.drainStrategy) args.push("--drain-strategy", flags.drainStrategy);
  if (flags.componentLogLevel) args.push("--component-log-level", flags.componentLogLevel);
  return [...args, ...(flags.extraArgs ?? [])];
}
