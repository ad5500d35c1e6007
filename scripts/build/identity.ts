import { writeIdentity } from "./custom-section.ts";
import type { Step } from "./step.ts";

/** Writes into the module what it is: name, versions, configuration schema. */
export const identity: Step = {
  name: "identity",
  async run(artifact, { entry }) {
    const { ASC_VERSION } = await import("./compile.ts");
    const wasm = writeIdentity(artifact.wasm, {
      name: entry.name,
      version: entry.project.version,
      sdkVersion: entry.sdk.version,
      ascVersion: ASC_VERSION,
      configSchema: entry.configSchema,
    });
    return { ...artifact, wasm };
  },
};
