import { DEFAULT_ENVOY_VERSION, findEnvoy } from "../../scripts/envoy/index.ts";
import { chooseRun, findEngine } from "./engine.ts";
import { imageFor } from "./image.ts";
import { envoyVersions } from "./versions.ts";

/** Fetches or builds once what the workers would otherwise all begin to fetch at the same time. */
export default async function setup(): Promise<void> {
  const run = await chooseRun();
  for (const version of envoyVersions()) {
    const engine = run === "container" ? await findEngine() : null;
    const what = engine ? `container ${await imageFor(version, engine)}` : `binary ${(await findEnvoy({ version })).path}`;
    console.error(`[envoy ${version}] ${what}`);
  }
  // `meshwright run` and the demo start Envoy as a process, whatever the tests do.
  await findEnvoy({ version: DEFAULT_ENVOY_VERSION });
}
