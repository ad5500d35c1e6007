import type { FilterSpec } from "../../envoy-config/index.ts";
import type { Program } from "../subject.ts";
import type { PeerName } from "./names.ts";

/** Another way to do the same: its sources stand in `bench/peers/<folder>`. */
export interface Peer {
  readonly name: PeerName;
  readonly label: string;
  readonly programs: readonly Program[];
  /**
   * Versions of the compilers. As long as these and the sources are the same, what was built is taken again; without it, it is always built.
   * Throws as `build` does.
   */
  versions?(): Promise<string>;
  /** Builds what `programs` asks for, all in one go. Throws a `MissingToolchainError` where a compiler is not there. */
  build(programs: readonly Program[], places: PeerPlaces): Promise<ReadonlyMap<Program, FilterSpec>>;
}

export interface PeerPlaces {
  /** The folder of sources, which is left as it is. */
  readonly sources: string;
  /** A folder of the bench's own, which outlives the run: compilers keep there what they made and what they fetched. */
  readonly cache: string;
}

/** A peer cannot be built here. The report names it as missing, with this message, and goes on. */
export class MissingToolchainError extends Error {
  override readonly name = "MissingToolchainError";
}

/** The root id under which the modules of peers register. */
export const PEER_ROOT_ID = "bench";

export function wasmFilter(name: string, wasm: string): FilterSpec {
  // What the task is, is compiled in. There is a configuration all the same, as there mostly is; solo's SDK aborts without one.
  return { name, wasm, rootId: PEER_ROOT_ID, vmId: name, config: "{}" };
}
