import { OciError } from "./errors.ts";

const SCHEME = "oci://";
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d+)?$/i;
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const EXAMPLE = "write it as oci://registry.example:5000/filters/span-attributes:1.0";

/** A place in a registry. Spec: OCI distribution-spec, "Pulling manifests" */
export interface Reference {
  /** As it was written, with the port if it has one. */
  readonly host: string;
  readonly name: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

/**
 * Reads `oci://HOST[:PORT]/NAME[:TAG][@DIGEST]`; tag or digest must be there.
 *
 * The scheme has to be written because Istio discards `127.0.0.1:5000/x:1` without it, and only istiod's log tells.
 */
export function parseReference(text: string): Reference {
  if (!text.startsWith(SCHEME)) throw wrong(text, `it does not start with ${SCHEME}`);
  const [path, digest] = parted(text.slice(SCHEME.length), "@");
  const slash = path.indexOf("/");
  if (slash < 0) throw wrong(text, "it names no repository");
  const host = path.slice(0, slash);
  const [name, tag] = parted(path.slice(slash + 1), ":");
  if (!HOST.test(host) || !URL.canParse(`https://${host}`)) throw wrong(text, `"${host}" is no host`);
  if (!/[.:]/.test(host)) {
    const reason = `Istio takes "${host}", without a dot or a port, for a folder of Docker Hub`;
    throw new OciError("reference", `oci: "${text}" would not be found: ${reason}; write ${SCHEME}${host}:443${path.slice(slash)}`);
  }
  if (!NAME.test(name)) throw wrong(text, `"${name}" is no repository: lower-case letters, digits, and . _ - / between them`);
  if (tag !== null && !isTag(tag)) throw wrong(text, `"${tag}" is no tag: letters, digits, and _ . -`);
  if (digest !== null && !DIGEST.test(digest)) throw wrong(text, `"${digest}" is no digest: sha256: and 64 digits`);
  if (tag === null && digest === null) throw wrong(text, "it has neither a tag nor a digest");
  return { host, name, tag, digest };
}

/** Whether a tag may be written so. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** What is before the first `mark` and what is behind it, null without one. */
function parted(text: string, mark: string): [before: string, behind: string | null] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

/** As users write it. */
export function formatReference({ host, name, tag, digest }: Reference): string {
  return `${SCHEME}${host}/${name}${tag === null ? "" : `:${tag}`}${digest === null ? "" : `@${digest}`}`;
}

/** Where the registry's API answers. Docker Hub's is elsewhere than its name. */
export function apiHost(host: string): string {
  return host === "docker.io" || host === "index.docker.io" ? "registry-1.docker.io" : host;
}

/** The repository's name in the API. Docker Hub's official images have a folder that is never written. */
export function apiName({ host, name }: Reference): string {
  return apiHost(host) === "registry-1.docker.io" && !name.includes("/") ? `library/${name}` : name;
}

function wrong(text: string, reason: string): OciError {
  return new OciError("reference", `oci: "${text}" is no image reference: ${reason}; ${EXAMPLE}`);
}
