import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { FilterSpec } from "../../envoy-config/index.ts";
import type { Program } from "../subject.ts";
import type { Peer, PeerPlaces } from "./peer.ts";

type Built = [Program, FilterSpec][];

/** Builds a peer, or takes what was built from the same sources by the same compilers. */
export async function buildOnce(peer: Peer, programs: readonly Program[], places: PeerPlaces): Promise<ReadonlyMap<Program, FilterSpec>> {
  if (!peer.versions) return peer.build(programs, places);
  const key = await hashOf(await peer.versions(), places.sources);
  const record = join(places.cache, "built.json");
  const before = await readRecord(record);
  const kept: Built = before?.key === key ? before.built.filter(([, filter]) => !("wasm" in filter) || existsSync(filter.wasm)) : [];
  const known = new Map(kept);
  const wanted = programs.filter(program => !known.has(program));
  if (wanted.length > 0) {
    for (const [program, filter] of await peer.build(wanted, places)) known.set(program, filter);
    await writeFile(record, JSON.stringify({ key, built: [...known] }));
  }
  return new Map([...known].filter(([program]) => programs.includes(program)));
}

async function readRecord(file: string): Promise<{ key: string; built: Built } | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  try {
    return text === null ? null : (JSON.parse(text) as { key: string; built: Built });
  } catch {
    // Cut off while it was written: built again.
    return null;
  }
}

async function hashOf(versions: string, folder: string): Promise<string> {
  const hash = createHash("sha256").update(versions);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(`\0${relative(folder, file)}\0`).update(await readFile(file));
  return hash.digest("hex");
}
