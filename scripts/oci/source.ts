import type { Blob, Descriptor } from "./blob.ts";

/** Where images are read from: a registry, or a folder. What it returns has been compared with its digest. */
export interface Source {
  /** As messages name it. */
  readonly place: string;
  /** The manifest or index that a tag or a digest names. */
  manifest(reference: string): Promise<Blob>;
  blob(descriptor: Descriptor): Promise<Uint8Array>;
  /** Manifests whose subject is `subject`; empty when there are none. */
  referrers(subject: Descriptor, artifactType: string): Promise<readonly Descriptor[]>;
}
