import { type Blob, blobOf, type Descriptor, jsonBlob, verified } from "./blob.ts";
import { OciError } from "./errors.ts";
import { ANY_MANIFEST, OCI_INDEX } from "./media-types.ts";
import { growing, type Pause, retrying } from "./retry.ts";
import type { Session } from "./session.ts";
import type { Source } from "./source.ts";
import { type Progress, uploadBlob } from "./upload.ts";

/** A repository to read from and to write to. Spec: OCI distribution-spec 1.1 */
export class Registry implements Source {
  readonly #session: Session;
  readonly #pause: Pause;

  constructor(session: Session, pause: Pause = growing) {
    this.#session = session;
    this.#pause = pause;
  }

  get place(): string {
    return this.#session.place;
  }

  async manifest(reference: string): Promise<Blob> {
    const found = await this.#findManifest(reference);
    if (found) return found;
    throw new OciError("missing", `oci: ${this.place} has no "${reference}", or not for you; check name, tag and login`, { status: 404 });
  }

  async blob(descriptor: Descriptor): Promise<Uint8Array> {
    const url = this.#session.path(`blobs/${descriptor.digest}`);
    const { body } = await retrying(this.#pause, () => this.#session.send({ method: "GET", url, expect: [200] }));
    return verified(body, descriptor, `oci: ${this.place}`);
  }

  /** Of a registry without the referrers API it reads the tag that stands in for it. */
  async referrers(subject: Descriptor, artifactType: string): Promise<readonly Descriptor[]> {
    const index = (await this.#referrersIndex(subject)) ?? (await this.#findManifest(referrersTag(subject)));
    const all = index ? manifestsIn(index) : [];
    return all.filter(each => each.artifactType === artifactType);
  }

  upload(blob: Blob, progress: Progress): Promise<"existing" | "uploaded"> {
    return uploadBlob(this.#session, blob, this.#pause, progress);
  }

  /** Under its own digest, or as `tag`. Everything that it names must be there. */
  async putManifest(manifest: Blob, tag: string | null): Promise<{ readonly knowsSubject: boolean }> {
    const { mediaType, digest } = manifest.descriptor;
    const url = this.#session.path(`manifests/${tag ?? digest}`);
    const headers = { "content-type": mediaType };
    const response = await retrying(this.#pause, () =>
      this.#session.send({ method: "PUT", url, headers, body: manifest.bytes, expect: [201, 202] }),
    );
    const answered = response.headers.get("docker-content-digest") ?? digest;
    if (answered !== digest) {
      const text = `oci: ${this.place}: the registry stored the manifest as ${answered}, expected ${digest}; something on the way changes it`;
      throw new OciError("digest", text);
    }
    return { knowsSubject: response.headers.has("oci-subject") };
  }

  /**
   * Pushes a manifest that has a subject, and makes sure that it can be found from there.
   * Spec: distribution-spec "Pushing Manifests with Subject"
   */
  async putReferrer(manifest: Blob, subject: Descriptor): Promise<void> {
    const { knowsSubject } = await this.putManifest(manifest, null);
    if (knowsSubject || (await this.#referrersIndex(subject))) return;
    const tag = referrersTag(subject);
    const present = await this.#findManifest(tag);
    const others = present ? manifestsIn(present).filter(({ digest }) => digest !== manifest.descriptor.digest) : [];
    const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...others, manifest.descriptor] };
    await this.putManifest(jsonBlob(OCI_INDEX, index), tag);
  }

  /** Null where the registry has no referrers API. */
  async #referrersIndex({ digest }: Descriptor): Promise<Blob | null> {
    const response = await retrying(this.#pause, () =>
      this.#session.send({ method: "GET", url: this.#session.path(`referrers/${digest}`), expect: [200, 400, 404, 405] }),
    );
    const mediaType = mediaTypeOf(response.headers);
    if (response.status !== 200 || mediaType !== OCI_INDEX) return null;
    return blobOf(mediaType, response.body);
  }

  async #findManifest(reference: string): Promise<Blob | null> {
    const url = this.#session.path(`manifests/${reference}`);
    const { status, headers, body } = await retrying(this.#pause, () =>
      this.#session.send({ method: "GET", url, headers: { accept: ANY_MANIFEST }, expect: [200, 404] }),
    );
    if (status === 404) return null;
    // Of a tag the registry's own word is all there is.
    const digest = reference.startsWith("sha256:") ? reference : headers.get("docker-content-digest");
    if (digest !== null) verified(body, { digest }, `oci: ${this.place}`);
    return blobOf(mediaTypeOf(headers), body);
  }
}

/** Where the referrers of a manifest are listed when the registry cannot do it itself. Spec: "Referrers Tag Schema" */
export function referrersTag({ digest }: Descriptor): string {
  return digest.replace(":", "-");
}

function manifestsIn({ bytes }: Blob): readonly Descriptor[] {
  return (JSON.parse(new TextDecoder().decode(bytes)) as { manifests?: Descriptor[] }).manifests ?? [];
}

function mediaTypeOf(headers: Headers): string {
  return (headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
}
