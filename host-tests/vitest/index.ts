/** For tests in vitest: build a filter, run a scenario on the emulator and on the real Envoy, matchers. Published as `meshwright/vitest`. */
import "../matchers.ts";

export { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
export * from "../matrix.ts";
export { type BuildFilterOptions, buildFilter } from "./build-filter.ts";
