import { expect } from "vitest";
import type { HostSpec, RunningHost } from "./types.ts";

/** Clients that ask one request after another. */
const CLIENTS = 4;

/**
 * Replaces a configuration while requests run: none is lost, each sees one of the two, and after the drain only the new one. `label` asks once and
 * tells what it saw: "old" or "new".
 */
export async function expectUpdateUnderLoad(proxy: RunningHost, updated: HostSpec, label: () => Promise<readonly string[]>): Promise<void> {
  const seen: string[] = [];
  let running = true;
  const load = Array.from({ length: CLIENTS }, async () => {
    while (running) seen.push(...(await label()));
  });
  const answered = (more: number) => {
    const count = seen.length + more;
    return expect.poll(() => seen.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(count);
  };
  await answered(20);
  expect(await proxy.update(updated)).toMatchObject({ accepted: true });
  // Longer than the drain: only when it is over are the old plugin contexts done and deleted.
  await proxy.drained();
  // Those that may be under way, and twenty.
  await answered(CLIENTS + 20);
  running = false;
  await Promise.all(load);
  expect(new Set(seen)).toEqual(new Set(["old", "new"]));
  expect(seen.slice(-20)).toEqual(Array(20).fill("new"));
  expect(await proxy.logs(/\[(error|critical)\]/)).toEqual([]);
}
