import { bin } from "./run.mjs";

/** Builds modules with other SDKs and runs them on both hosts; arguments go to vitest. */
export function sdks(args) {
  return bin("vitest/vitest.mjs", ["run", "--project", "sdks", ...args]);
}
