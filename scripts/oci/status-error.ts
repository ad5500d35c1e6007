import { OciError, type OciErrorCode } from "./errors.ts";
import type { HttpResponse } from "./http.ts";

const LONGEST_DETAIL = 300;
const NO_SPACE = /"Err":28\b|no space left on device|ENOSPC/i;

/** What an unexpected status means, and what the registry itself said. */
export function statusError(response: HttpResponse, place: string, action: string): OciError {
  const { status } = response;
  const words = said(response);
  // docker-registry answers 500 and Linux's number for it.
  const { code, text } = status >= 500 && NO_SPACE.test(words) ? meaning(507, place) : meaning(status, place);
  return new OciError(code, `oci: ${place}: ${text} (${action} answered ${status}${words})`, { status });
}

function meaning(status: number, place: string): { code: OciErrorCode; text: string } {
  if (status === 401 || status === 403) {
    return { code: "denied", text: `you have no permission there; ask for it, or run: docker login ${place.split("/")[0]}` };
  }
  if (status === 404) return { code: "missing", text: "there is no such repository or image, or not for you; check name, tag and login" };
  if (status === 405) return { code: "rejected", text: "the registry does not allow this; it may be read-only" };
  if (status === 413)
    return { code: "rejected", text: "the registry, or a proxy before it, takes no upload of this size; raise its limit" };
  if (status === 429) return { code: "registry-failed", text: "the registry wants fewer requests; wait a while" };
  if (status === 507) return { code: "registry-failed", text: "the registry's disk is full; free space there" };
  if (status >= 500) return { code: "registry-failed", text: "the registry failed; look at its log and whether its disk is full" };
  return { code: "rejected", text: "the registry refused; see its reason" };
}

/** Spec: distribution-spec "Error codes" */
function said({ body }: HttpResponse): string {
  const text = new TextDecoder().decode(body).trim();
  if (text === "") return "";
  let parts = [text];
  try {
    const { errors } = JSON.parse(text) as { errors?: { code?: string; message?: string; detail?: unknown }[] };
    if (Array.isArray(errors)) {
      parts = errors.map(({ code, message, detail }) =>
        [code, message, detail === null || detail === undefined ? "" : JSON.stringify(detail)].filter(Boolean).join(": "),
      );
    }
  } catch {
    // A proxy's page rather than a registry's answer.
    parts = [
      text
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
    ];
  }
  const joined = parts.join("; ");
  return `: ${joined.length > LONGEST_DETAIL ? `${joined.slice(0, LONGEST_DETAIL)}…` : joined}`;
}
