import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Listening, listen } from "./listen.ts";
import { SERVICE, type TokenService } from "./token-service.ts";
import { actionsOf, userIn } from "./users.ts";

/**
 * A registry in memory, strict where a client can be wrong: order of chunks, their smallest size, digests, and manifests that name what is
 * not there. Runs where no docker-registry is installed, and can do what that one cannot: ask for chunks, list referrers, fail.
 *
 * Not here: catalogues, mounting blobs of another repository, deletion of anything but uploads.
 *
 * Spec: OCI distribution-spec 1.1
 */
export interface MemoryRegistry extends Listening {
  /** Method and path of each request, in order. */
  readonly log: string[];
  /** Tags and digests of all repositories, as `name:reference`. */
  readonly manifests: ReadonlyMap<string, Stored>;
  /** Drops all uploads that have not been finished. */
  forgetUploads(): void;
}

export interface MemoryOptions {
  readonly basic?: boolean;
  readonly token?: TokenService;
  /** In bytes: `OCI-Chunk-Min-Length`. */
  readonly smallestChunk?: number;
  readonly hasReferrers?: boolean;
  /** Answers instead of the registry when it returns true. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

interface Stored {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

interface Upload {
  bytes: Buffer;
}

type Reply = readonly [status: number, headers?: Record<string, string>, body?: Buffer | string];

export async function startMemoryRegistry(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, Stored>();
  const uploads = new Map<string, Upload>();
  const log: string[] = [];

  const listening = await listen(async (request, response) => {
    const url = new URL(request.url ?? "", "http://registry");
    log.push(`${request.method} ${url.pathname}`);
    if (options.intercept?.(request, response)) return;
    const denied = deny(request, url.pathname, options);
    // A line that breaks has nobody to answer to.
    const reply = denied ?? (await answer(request, url).catch(() => null));
    if (!reply) return void response.destroy();
    const [status, headers = {}, body = ""] = reply;
    response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
  });

  async function answer(request: IncomingMessage, url: URL): Promise<Reply> {
    if (url.pathname === "/v2/") return [200];
    const listed = /^\/v2\/(.+)\/tags\/list$/.exec(url.pathname)?.[1];
    if (listed) return [200, { "content-type": "application/json" }, JSON.stringify({ name: listed, tags: tagsOf(listed) })];
    const [, name = "", kind = "", reference = ""] =
      /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|referrers)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "blobs/uploads") return upload(request, url, name, reference);
    if (kind === "blobs") {
      const bytes = blobs.get(reference);
      return bytes ? [200, { "content-length": String(bytes.length) }, bytes] : failure(404, "BLOB_UNKNOWN");
    }
    if (kind === "manifests" && request.method === "PUT") return putManifest(request, name, reference);
    if (kind === "manifests") {
      const found = manifests.get(`${name}:${reference}`);
      const headers = found && { "content-type": found.mediaType, "docker-content-digest": digestOf(found.bytes) };
      return headers ? [200, headers, found.bytes] : failure(404, "MANIFEST_UNKNOWN");
    }
    if (kind === "referrers" && options.hasReferrers) return referrers(name, reference);
    return failure(404, "UNSUPPORTED");
  }

  function tagsOf(name: string): string[] {
    const references = [...manifests.keys()].filter(key => key.startsWith(`${name}:`)).map(key => key.slice(name.length + 1));
    return references.filter(reference => !reference.startsWith("sha256:"));
  }

  async function upload(request: IncomingMessage, url: URL, name: string, id: string): Promise<Reply> {
    const place = (key: string, state: Upload): Record<string, string> => ({
      // With a parameter, so that the digest has to be appended to it.
      location: `/v2/${name}/blobs/uploads/${key}?state=${state.bytes.length}`,
      range: `0-${Math.max(0, state.bytes.length - 1)}`,
    });
    if (request.method === "POST") {
      const key = randomUUID();
      uploads.set(key, { bytes: Buffer.alloc(0) });
      const smallest = options.smallestChunk === undefined ? {} : { "oci-chunk-min-length": String(options.smallestChunk) };
      return [202, { ...place(key, { bytes: Buffer.alloc(0) }), ...smallest }];
    }
    const state = uploads.get(id);
    if (!state) return failure(404, "BLOB_UPLOAD_UNKNOWN");
    if (request.method === "GET") return [204, place(id, state)];
    if (request.method === "DELETE") return uploads.delete(id) ? [204] : [404];
    if (url.searchParams.get("state") !== String(state.bytes.length)) return failure(416, "BLOB_UPLOAD_INVALID");
    const start = Number(/^(\d+)-/.exec(request.headers["content-range"] ?? "")?.[1] ?? state.bytes.length);
    if (start !== state.bytes.length) return failure(416, "BLOB_UPLOAD_INVALID");
    const before = state.bytes.length;
    // What arrives before an interruption stays.
    for await (const chunk of request) state.bytes = Buffer.concat([state.bytes, chunk as Buffer]);
    if (request.method === "PATCH") return [202, place(id, state)];
    const digest = url.searchParams.get("digest") ?? "";
    const isWhole = before === 0 && options.smallestChunk !== undefined && state.bytes.length > 0;
    if (isWhole) return failure(400, "SIZE_INVALID");
    if (digestOf(state.bytes) !== digest) return failure(400, "DIGEST_INVALID");
    uploads.delete(id);
    blobs.set(digest, state.bytes);
    return [201, { location: `/v2/${name}/blobs/${digest}` }];
  }

  async function putManifest(request: IncomingMessage, name: string, reference: string): Promise<Reply> {
    const bytes = await allOf(request);
    const digest = digestOf(bytes);
    if (reference.startsWith("sha256:") && reference !== digest) return failure(400, "DIGEST_INVALID");
    const json = JSON.parse(bytes.toString());
    if (json.mediaType !== request.headers["content-type"]) return failure(400, "MANIFEST_INVALID");
    const parts: { digest: string }[] = [json.config, ...(json.layers ?? [])].filter(Boolean);
    if (parts.some(part => !blobs.has(part.digest))) return failure(400, "MANIFEST_BLOB_UNKNOWN");
    const children: { digest: string }[] = json.manifests ?? [];
    if (children.some(child => !manifests.has(`${name}:${child.digest}`))) return failure(400, "MANIFEST_BLOB_UNKNOWN");
    for (const key of [digest, reference]) manifests.set(`${name}:${key}`, { mediaType: json.mediaType, bytes });
    const subject = json.subject && options.hasReferrers ? { "oci-subject": json.subject.digest } : {};
    return [201, { location: `/v2/${name}/manifests/${digest}`, "docker-content-digest": digest, ...subject }];
  }

  function referrers(name: string, subject: string): Reply {
    const found = [...manifests].filter(([key]) => key.startsWith(`${name}:sha256:`)).map(([, stored]) => stored);
    const descriptors = found.flatMap(({ mediaType, bytes }) => {
      const json = JSON.parse(bytes.toString());
      const { artifactType } = json;
      return json.subject?.digest === subject ? [{ mediaType, artifactType, digest: digestOf(bytes), size: bytes.length }] : [];
    });
    const mediaType = "application/vnd.oci.image.index.v1+json";
    return [200, { "content-type": mediaType }, JSON.stringify({ schemaVersion: 2, mediaType, manifests: descriptors })];
  }

  return { ...listening, log, manifests, forgetUploads: () => uploads.clear() };
}

/** Null when the request may pass. */
function deny({ method = "", headers }: IncomingMessage, path: string, { basic, token }: MemoryOptions): Reply | null {
  const action = method === "GET" || method === "HEAD" ? "pull" : "push";
  const name = /^\/v2\/(.+?)\/(?:blobs|manifests|referrers)\//.exec(path)?.[1];
  if (basic) {
    const user = userIn(headers.authorization);
    if (user === null) return failure(401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="Registry Realm"' });
    return actionsOf(user).includes(action) ? null : failure(403, "DENIED");
  }
  if (!token) return null;
  const access = token.accessIn(/^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "..") ?? null;
  if (access && (!name || access.some(each => each.name === name && each.actions.includes(action)))) return null;
  const scope = name ? `,scope="repository:${name}:${action === "push" ? "pull,push" : "pull"}"` : "";
  return failure(401, "UNAUTHORIZED", { "www-authenticate": `Bearer realm="${token.realm}",service="${SERVICE}"${scope}` });
}

function failure(status: number, code: string, headers: Record<string, string> = {}): Reply {
  const body = JSON.stringify({ errors: [{ code, message: code.toLowerCase().replaceAll("_", " ") }] });
  return [status, { "content-type": "application/json", ...headers }, body];
}

async function allOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
