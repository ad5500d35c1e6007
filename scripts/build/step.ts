import type { Entry } from "./entry.ts";
import type { Call } from "./scopes.ts";
import type { Sources } from "./up-to-date.ts";

/** What goes from step to step. */
export interface Artifact {
  readonly wasm: Uint8Array;
  /** The source map as JSON text; its offsets are those of `wasm`. */
  readonly sourceMap: string;
  /** The program's calls as they were before optimisation, for the way through inlined functions; nothing before they are read. */
  readonly calls?: readonly Call[];
  /** Whether the module is built from compat. */
  readonly compat?: boolean;
}

/** What every step may know. */
export interface Job {
  readonly entry: Entry;
  /** Unoptimised, for stepping through code. */
  readonly debug: boolean;
  /** Whether compat stands in for the packages of other SDKs. */
  readonly compat: boolean;
  /** The name under which the finished files refer to each other, without a folder: `<name>.wasm`. */
  readonly fileName: string;
  /** Takes the files that the compiler asks for. */
  readonly sources: Sources;
  /** Takes what the compiler says besides errors. */
  readonly warn: (text: string) => void;
}

/** One link of the chain from source to module. */
export interface Step {
  readonly name: string;
  run(artifact: Artifact, job: Job): Promise<Artifact>;
}
