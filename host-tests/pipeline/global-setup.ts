import { DEFAULT_ENVOY_VERSION, findEnvoy } from "../../scripts/envoy/index.ts";
import { findCollector } from "../collector/build.ts";

/** Builds and fetches once what all test files run. */
export default async function setup(): Promise<void> {
  const say = (line: string): void => console.error(`[pipeline] ${line}`);
  say(`Collector ${await findCollector(say)}`);
  say(`Envoy ${(await findEnvoy({ version: DEFAULT_ENVOY_VERSION })).path}`);
}
