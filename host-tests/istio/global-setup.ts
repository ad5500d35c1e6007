import { findEnvoy } from "../../scripts/envoy/index.ts";
import { buildChecker } from "./checker.ts";
import { ENVOY_VERSIONS } from "./versions.ts";

/** Builds and fetches once what all test files run. */
export default async function setup(): Promise<void> {
  console.error("[istio] building the checker from Istio's module; the first time takes some minutes");
  await buildChecker();
  for (const version of Object.values(ENVOY_VERSIONS).flat()) await findEnvoy({ version });
}
