import { createHash } from "node:crypto";
import { OciError } from "./errors.ts";

/** As keys of annotations: reverse domain names. */
export type Annotations = Readonly<Record<string, string>>;

export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** Names content by its digest. Spec: OCI image-spec descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly platform?: Platform;
  readonly annotations?: Annotations;
}

/** Content with its name: a layer, a config, or a manifest. */
export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** `sha256:` and 64 hexadecimal digits. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function blobOf(mediaType: string, bytes: Uint8Array, annotations?: Annotations): Blob {
  const named = annotations && Object.keys(annotations).length > 0 ? { annotations } : {};
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length, ...named }, bytes };
}

/** Content that is JSON: compact, its keys in the order in which they were written, so that equal content has equal digests. */
export function jsonBlob(mediaType: string, json: unknown, annotations?: Annotations): Blob {
  return blobOf(mediaType, new TextEncoder().encode(JSON.stringify(json)), annotations);
}

/** The bytes, if they are what the descriptor names. */
export function verified(bytes: Uint8Array, { digest }: Pick<Descriptor, "digest">, where: string): Uint8Array {
  if (!digest.startsWith("sha256:")) throw new OciError("digest", `${where}: ${digest} is no sha256 digest, the only kind read here`);
  const found = digestOf(bytes);
  if (found === digest) return bytes;
  throw new OciError("digest", `${where}: the content has digest ${found}, expected ${digest}; it is damaged, get it again`);
}
