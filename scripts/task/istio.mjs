import { build } from "./build.mjs";
import { bin } from "./run.mjs";

/** Builds, then lets Istio's own code judge manifests and images; arguments go to vitest. */
export async function istio(args) {
  return (await build()) || bin("vitest/vitest.mjs", ["run", "--project", "istio", ...args]);
}
