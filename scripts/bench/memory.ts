import { readFile } from "node:fs/promises";
import type { EnvoySpec } from "../envoy-config/index.ts";
import { sendRequests } from "./client.ts";
import { withEnvoy } from "./envoy.ts";

export interface MemorySample {
  requests: number;
  /** Envoy's resident set, VmRSS. */
  rssKiB: number;
  /** Linear memory of each Wasm VM in the process, largest first: Envoy keeps one for each thread and one to clone. */
  wasmKiB: number[];
}

/** How many requests are under way at once. */
export const CONNECTIONS = 32;

/** Samples Envoy's memory after each of these numbers of requests. */
export async function sampleMemory(
  binary: string,
  spec: EnvoySpec,
  kinds: readonly string[],
  at: readonly number[],
  told: (sample: MemorySample) => void = () => {},
): Promise<MemorySample[]> {
  return withEnvoy(binary, spec, async ({ envoy, target }) => {
    const samples: MemorySample[] = [];
    let sent = 0;
    for (const requests of at) {
      // Several requests under way at once, as their contexts are what a leak would be made of.
      await sendRequests(target, kinds, requests - sent, CONNECTIONS);
      sent = requests;
      const sample = { requests, ...(await memoryOf(envoy.pid, hasModule(spec))) };
      samples.push(sample);
      told(sample);
    }
    return samples;
  });
}

function hasModule({ listeners }: EnvoySpec): boolean {
  return listeners.some(({ filters = [] }) => filters.some(filter => "wasm" in filter));
}

export async function memoryOf(pid: number, hasModule: boolean): Promise<{ rssKiB: number; wasmKiB: number[] }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => {
    throw new Error("bench: memory is read from /proc, which only Linux has");
  });
  const rssKiB = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  const wasmKiB = linearMemories(await readFile(`/proc/${pid}/maps`, "utf8"));
  // Nothing found would otherwise read as nothing grown.
  if (hasModule && wasmKiB.length === 0)
    throw new Error("bench: no Wasm memory found in Envoy's address map; this Envoy's V8 reserves it in another way");
  return { rssKiB, wasmKiB };
}

const GUARD_KIB = 4 * 1024 * 1024;

/**
 * The sizes of Wasm's linear memories, read from outside. Envoy has no statistic for them, but V8 reserves the whole address range of a
 * memory and opens as much as the module has grown to:
 *
 *     7fc612c80000-7fc612cb0000 rw-p    192 KiB: three pages in use
 *     7fc612cb0000-7fc812c80000 ---p    the rest of 8 GiB
 */
export function linearMemories(maps: string): number[] {
  const regions = maps
    .split("\n")
    .map(line => /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ 0\s*$/.exec(line))
    .filter(match => match !== null)
    .map(([, from = "", to = "", rights = ""]) => ({ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16), rights }));
  const sizes: number[] = [];
  for (const [i, region] of regions.entries()) {
    const next = regions[i + 1];
    if (!next || region.rights !== "rw-p" || next.rights !== "---p" || next.from !== region.to) continue;
    if ((next.to - next.from) / 1024 >= GUARD_KIB) sizes.push((region.to - region.from) / 1024);
  }
  return sizes.sort((a, b) => b - a);
}
