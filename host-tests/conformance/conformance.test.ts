import { beforeAll, describe, expect, it } from "vitest";
import { envoyVersions } from "../envoy/versions.ts";
import { buildProbe } from "./build.ts";
import { emulatedTranscript } from "./emulated.ts";
import { emulatedLifecycle, realLifecycle } from "./lifecycle.ts";
import { normalise } from "./normalise.ts";
import { realTranscript } from "./real.ts";
import { SCENARIOS } from "./scenarios.ts";
import { emulatedTcp, realTcp } from "./tcp.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await buildProbe();
});

/** Fails on the first lines that differ, and says of which part. */
function expectEqual(emulated: string[][], real: string[][], nameOf: (index: number) => string): void {
  for (const [index, lines] of real.entries()) {
    const [want, is] = [lines.map(normalise), (emulated[index] ?? []).map(normalise)];
    const at = want.findIndex((line, i) => line !== is[i]);
    const first = at >= 0 ? at : want.length;
    const where = `${nameOf(index)}, line ${first}`;
    expect({ where, lines: is.slice(first, first + 5) }).toEqual({ where, lines: want.slice(first, first + 5) });
  }
  // All of it was compared.
  expect(real.length).toBe(emulated.length);
  expect(real.flat().length).toBeGreaterThan(20);
}

describe.each(envoyVersions())("the transcript of the probe on the emulator and on Envoy %s", version => {
  it("is the same in every phase and way of a stream", async () => {
    const emulated = emulatedTranscript(version, wasm, SCENARIOS);
    const real = await realTranscript(version, wasm, SCENARIOS, emulated);
    expectEqual(linesOf(emulated), real, index =>
      index === 0 ? "start and ticks" : `request ${JSON.stringify({ ...SCENARIOS[index - 1], body: undefined })}`,
    );
  });

  it("is the same for TCP connections", async () => {
    const emulated = emulatedTcp(version, wasm);
    expectEqual(linesOf(emulated), await realTcp(version, wasm, emulated), index => `connection ${index}`);
  });

  it("is the same over updates, drains and deferred ends", async () => {
    const emulated = emulatedLifecycle(version, wasm);
    expectEqual(emulated, await realLifecycle(version, wasm, emulated), index => `configuration ${index}`);
  });
});

const linesOf = (emulated: readonly { lines: string[] }[]): string[][] => emulated.map(({ lines }) => lines);
