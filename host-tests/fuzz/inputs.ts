/** What all properties share: how many inputs they get, and what those look like. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Host } from "../host/index.ts";

/** Inputs for each property; `npm run fuzz` sets more. */
const RUNS = Number(process.env.MESHWRIGHT_FUZZ_RUNS ?? 1000);
/** The same inputs in each `npm test`: new ones are for `npm run fuzz`, which chooses a seed unless it is given one. */
const SEED = Number(process.env.MESHWRIGHT_FUZZ_SEED ?? 20261120);

export type Header = [string, string];

/** Bytes that Envoy lets into a header value, as latin1: no NUL, CR, LF and DEL, no blanks at the ends. */
export const fieldValue = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
      { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
    ),
    { maxLength: 40 },
  )
  .map(bytes => Buffer.from(bytes).toString("latin1").trim());

/** Near misses: a valid value with some bytes changed, cut, doubled or put in. */
export function mutated(valid: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({ at: fc.nat(200), with: fc.integer({ min: 0x20, max: 0xff }).filter(byte => byte !== 0x7f), kind: fc.nat(3) });
  return fc.tuple(fc.constantFrom(...valid), fc.array(edit, { maxLength: 4 })).map(([text, edits]) => {
    let bytes = Buffer.from(text, "latin1");
    for (const { at, with: byte, kind } of edits) {
      const i = at % (bytes.length + 1);
      if (kind === 0 && i < bytes.length) bytes[i] = byte;
      else if (kind === 1) bytes = bytes.subarray(0, i);
      else if (kind === 2) bytes = Buffer.concat([bytes, bytes.subarray(i)]);
      else bytes = Buffer.concat([bytes.subarray(0, i), Buffer.from([byte]), bytes.subarray(i)]);
    }
    return bytes.toString("latin1").trim();
  });
}

/** Tries a property. */
export function check<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, holds), { numRuns: RUNS, seed: SEED });
}

/** A trap is a critical line of the host, and the VM is dead after it. */
export function expectNoTrap(host: Host): void {
  expect(host.log.entries.filter(entry => entry.level === "error" || entry.level === "critical")).toEqual([]);
}
