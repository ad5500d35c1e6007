import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ownProject } from "../../build/index.ts";
import { cacheFolder } from "../../envoy/index.ts";
import type { Program, Subject } from "../subject.ts";
import { assemblyscriptRaw, gcore, solo } from "./assemblyscript.ts";
import { buildOnce } from "./build-once.ts";
import { c, cSingle } from "./c.ts";
import { lua, native } from "./envoy.ts";
import { go } from "./go.ts";
import { meshwright } from "./meshwright.ts";
import { MissingToolchainError, type Peer, type PeerPlaces } from "./peer.ts";
import { rust } from "./rust.ts";

export { buildOwn } from "./meshwright.ts";
export { PEER_NAMES, type PeerName } from "./names.ts";
export { MissingToolchainError, type Peer } from "./peer.ts";

/** In the order of tables. */
export const PEERS: readonly Peer[] = [meshwright, c, cSingle, assemblyscriptRaw, rust, go, gcore, solo, lua, native];

/** Where sources are that differ from the peer's name. */
const FOLDERS: Readonly<Record<string, string>> = { "c-single": "peers/c", meshwright: "filters" };

/** A peer, or a part of one, that is not measured, and why. */
export interface Missing {
  readonly name: string;
  readonly label: string;
  readonly reason: string;
}

/** Sources and cache of a peer; the cache is there. */
export async function placesOf(name: string): Promise<PeerPlaces> {
  const sources = join(ownProject().folder, "bench", FOLDERS[name] ?? `peers/${name}`);
  const cache = join(dirname(cacheFolder()), "bench", name);
  await mkdir(cache, { recursive: true });
  return { sources, cache };
}

/** Builds peers; those whose compiler is missing are named instead. */
export async function buildPeers(
  peers: readonly Peer[],
  wanted: readonly Program[],
  told: (peer: Peer) => void,
): Promise<{ subjects: Subject[]; missing: Missing[] }> {
  const subjects: Subject[] = [];
  const missing: Missing[] = [];
  for (const peer of peers) {
    const programs = peer.programs.filter(program => wanted.includes(program));
    if (programs.length === 0) continue;
    told(peer);
    const { name, label } = peer;
    try {
      const built = await buildOnce(peer, programs, await placesOf(name));
      for (const [program, filter] of built) subjects.push({ name, label, program, filter, own: false });
    } catch (error) {
      if (!(error instanceof MissingToolchainError)) throw error;
      missing.push({ name, label, reason: error.message });
    }
  }
  return { subjects, missing };
}
