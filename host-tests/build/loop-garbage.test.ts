/** Which functions look for garbage in loops, and keep their variables where the collector finds them. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildModule } from "../../scripts/build/index.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loop-garbage-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A module with the names of all functions that the filter has before optimisation. */
async function namesOf(entry: string): Promise<string> {
  const { wasmFile } = await buildModule(entry, { outFile: join(folder, "filter.wasm"), debug: true });
  return (await readFile(wasmFile)).toString("latin1");
}

const BOTH = ["sdk/loop-garbage/nextRound", "~stack_check"];

describe("garbage in loops", () => {
  it("is looked for where a loop of the filter's makes objects", async () => {
    const names = await namesOf("host-tests/sdk/assembly/loops.ts");
    for (const name of BOTH) expect(names).toContain(name);
  });

  it.each(["examples/hello-header/assembly/index.ts", "assembly/filters/mesh-telemetry/index.ts"])(
    "costs nothing where only the SDK has such loops: %s",
    async entry => {
      const names = await namesOf(entry);
      expect(names).toContain("sdk/lifecycle/leave");
      for (const name of BOTH) expect(names).not.toContain(name);
    },
  );
});
