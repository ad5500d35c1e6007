import type { Step } from "./step.ts";

/** Compiles. The compiler takes half a second to load, so commands that do not compile do without it. */
export const asc: Step = {
  name: "asc",
  async run(_, job) {
    const { compile } = await import("./compile.ts");
    return compile(job);
  },
};
