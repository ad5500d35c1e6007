import type { Blob } from "./blob.ts";
import { isPassing, OciError } from "./errors.ts";
import type { HttpResponse } from "./http.ts";
import { MOST_FAILURES, type Pause } from "./retry.ts";
import type { Session } from "./session.ts";

/** Told how many bytes of the blob the registry has. */
export type Progress = (blob: Blob, done: number) => void;

/** What goes in one request, if the registry does not want more. An interruption costs at most this much again. */
export const CHUNK = 4 * 2 ** 20;

/** An upload that the registry has open. */
interface Upload {
  /** Where the next request goes; each answer gives a new one. */
  readonly location: string;
  /** How many bytes are there. */
  readonly offset: number;
  /** What a request carries at most, and, except for the last one, at least. */
  readonly chunk: number;
  /** The registry wants chunks, or has a part already. */
  readonly inChunks: boolean;
}

/**
 * Uploads a blob unless the registry has it; says which.
 * In one request where it fits, else in chunks. After an interruption it asks how far the upload has come and goes on from there.
 *
 * Spec: distribution-spec end-4a, end-4b, end-5, end-6, end-13
 */
export async function uploadBlob(session: Session, blob: Blob, pause: Pause, progress: Progress): Promise<"existing" | "uploaded"> {
  const { size } = blob.descriptor;
  let upload: Upload | null = null;
  let doubtful = false;
  let resumed = false;
  for (let failures = 0; ; ) {
    try {
      if (upload && doubtful) {
        upload = await ask(session, upload);
        resumed = upload !== null;
      }
      // Also after a failure: what got lost may have been the answer to the last request, and not the request.
      if (!upload && (await exists(session, blob))) return failures === 0 ? "existing" : "uploaded";
      upload ??= await begin(session, size);
      doubtful = false;
      while (upload.inChunks && upload.offset < size) {
        const before: number = upload.offset;
        upload = await sendChunk(session, upload, blob);
        progress(blob, upload.offset);
        if (upload.offset > before) {
          failures = 0;
          resumed = false;
        }
      }
      await finish(session, upload, blob);
      progress(blob, size);
      return "uploaded";
    } catch (error) {
      failures++;
      // It was asked before it had noticed the break, and has dropped the upload since.
      if (resumed && isGone(error)) upload = null;
      else if (!isPassing(error)) throw error;
      if (failures === MOST_FAILURES) throw await givenUp(session, upload, blob, error as OciError);
      doubtful = upload !== null;
      await pause(failures);
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof OciError && [400, 404, 410].includes(error.status ?? 0);
}

async function exists(session: Session, { descriptor }: Blob): Promise<boolean> {
  const { status } = await session.send({ method: "HEAD", url: session.path(`blobs/${descriptor.digest}`), expect: [200, 404] });
  return status === 200;
}

async function begin(session: Session, size: number): Promise<Upload> {
  const response = await session.send({ method: "POST", url: session.path("blobs/uploads/"), body: "", expect: [202] });
  const smallest = Number(response.headers.get("oci-chunk-min-length") ?? 0);
  const chunk = Math.max(CHUNK, smallest || 0);
  return { location: locationOf(session, response), offset: 0, chunk, inChunks: smallest > 0 || size > chunk };
}

/**
 * Null when the registry has forgotten the upload, has finished it, or does not go on with it: docker-registry 2.8 drops one that broke off in
 * the middle of a request, and goes on with one that broke off between two.
 */
async function ask(session: Session, upload: Upload): Promise<Upload | null> {
  const response = await session.send({ method: "GET", url: upload.location, expect: [204, 202, 400, 404, 410, 416] });
  if (response.status >= 400) return null;
  const offset = offsetIn(response) ?? 0;
  const location = response.headers.has("location") ? locationOf(session, response) : upload.location;
  return { ...upload, location, offset, inChunks: upload.inChunks || offset > 0 };
}

async function sendChunk(session: Session, { location, offset, chunk, ...rest }: Upload, { bytes }: Blob): Promise<Upload> {
  const body = bytes.subarray(offset, offset + chunk);
  const headers = { "content-type": "application/octet-stream", "content-range": `${offset}-${offset + body.length - 1}` };
  const response = await session.send({ method: "PATCH", url: location, headers, body, expect: [202] });
  const reached = offsetIn(response) ?? offset + body.length;
  if (reached <= offset || reached > offset + body.length) {
    const range = response.headers.get("range");
    throw new OciError(
      "interrupted",
      `oci: ${session.place}: the registry took a chunk at ${offset} and stands at "${range}" now; try again`,
    );
  }
  return { ...rest, chunk, location: locationOf(session, response), offset: reached };
}

/** The whole blob, or nothing after chunks. */
async function finish(session: Session, { location, offset }: Upload, { bytes, descriptor }: Blob): Promise<void> {
  // The location may have parameters, whose order some registries sign.
  const url = `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(descriptor.digest)}`;
  const headers = { "content-type": "application/octet-stream" };
  await session.send({ method: "PUT", url, headers, body: offset === 0 ? bytes : "", expect: [201, 204] });
}

/** Best effort to leave nothing behind, then the reason. */
async function givenUp(session: Session, upload: Upload | null, { descriptor }: Blob, cause: OciError): Promise<OciError> {
  if (upload) await session.send({ method: "DELETE", url: upload.location, expect: [204, 202] }).catch(() => {});
  const text = `${cause.message}\noci: gave up the upload of ${descriptor.digest} after ${MOST_FAILURES} failures; no tag has been written`;
  return new OciError(cause.code, text, { cause, ...(cause.status === null ? {} : { status: cause.status }) });
}

/** `Range: 0-999` means that 1000 bytes are there. A registry without any says `0-0` or, as some do, `0--1`. */
function offsetIn(response: HttpResponse): number | null {
  const last = /^(?:bytes=)?0-(-?\d+)$/.exec(response.headers.get("range") ?? "")?.[1];
  if (last === undefined) return null;
  return last === "0" ? 0 : Number(last) + 1;
}

function locationOf(session: Session, response: HttpResponse): string {
  const location = response.headers.get("location");
  // Relative to what was asked, which may be a storage host.
  if (location && URL.canParse(location, response.url.href)) return new URL(location, response.url).href;
  throw new OciError("not-a-registry", `oci: ${session.place}: the registry accepts an upload and does not say where; check host and port`);
}
