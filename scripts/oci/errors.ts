/** Why an image could not be made, sent or read. Closed: a new reason gets a new member. */
export type OciErrorCode =
  | "reference"
  | "module"
  | "layout"
  | "form"
  | "credentials"
  | "unreachable"
  | "tls"
  | "not-a-registry"
  | "unauthorized"
  | "denied"
  | "missing"
  | "rejected"
  | "registry-failed"
  | "interrupted"
  | "digest";

/** What the caller may want to know beyond the text. */
interface Details extends ErrorOptions {
  /** The registry's HTTP status, where an answer was the reason. */
  readonly status?: number;
}

/** Work on an image that cannot go on; the message says where, what and the next step. */
export class OciError extends Error {
  override readonly name = "OciError";
  readonly code: OciErrorCode;
  readonly status: number | null;

  constructor(code: OciErrorCode, message: string, { status, ...options }: Details = {}) {
    super(message, options);
    this.code = code;
    this.status = status ?? null;
  }
}

/** Whether the same request may work a moment later. 416 is the registry telling that an upload stands elsewhere than we believe. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof OciError)) return false;
  return ["interrupted", "unreachable", "registry-failed"].includes(error.code) || error.status === 416;
}
