import { checkModule } from "../abi/check.ts";
import { BuildError } from "./errors.ts";
import type { Step } from "./step.ts";

/** Refuses a module that Envoy would refuse. Size is left to `meshwright check`: a debug build may be large. */
export const abiCheck: Step = {
  name: "abi-check",
  async run(artifact, { fileName }) {
    const problems = checkModule(artifact.wasm, { name: fileName, maxSize: Number.POSITIVE_INFINITY });
    if (problems.length > 0) throw new BuildError("abi-check", problems.map(({ message }) => message).join("\n"));
    return artifact;
  },
};
