import { build } from "./build.mjs";
import { bin } from "./run.mjs";

/** Builds, then runs the pipeline from Envoy through the real OpenTelemetry Collector; arguments go to vitest. */
export async function pipeline(args) {
  return (await build()) || bin("vitest/vitest.mjs", ["run", "--project", "pipeline", ...args]);
}
