import { OciError } from "./errors.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** The redirect itself is the answer. */
  readonly stay?: boolean;
}

/** An answer that has been read to its end. */
export interface HttpResponse {
  /** Where it came from, which is elsewhere than asked after a redirect. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** One request. Redirects are followed, and Node leaves the password behind when one leads to another host. Fails with an OciError only. */
export async function exchange({ method, url, headers = {}, body, stay = false }: HttpRequest): Promise<HttpResponse> {
  try {
    const response = await fetch(url, {
      method,
      headers: { "user-agent": "meshwright", ...headers },
      ...(body === undefined ? {} : { body }),
      ...(stay ? { redirect: "manual" } : {}),
    });
    return {
      url: new URL(response.url),
      status: response.status,
      headers: response.headers,
      body: new Uint8Array(await response.arrayBuffer()),
    };
  } catch (error) {
    throw explained(error, method, url);
  }
}

const PLAIN_SERVER = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$|^EPROTO$|^ERR_SSL_HTTP_REQUEST$/;
const NO_WAY = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;

/** fetch says "fetch failed" to everything; the reason is its cause's code. */
function explained(error: unknown, method: string, { protocol, host }: URL): OciError {
  const cause = deepest(error);
  const reason = cause.code ?? cause.message;
  if (protocol === "https:" && PLAIN_SERVER.test(reason)) {
    return new OciError("tls", `oci: ${host} speaks plain HTTP, not HTTPS; add --plain-http if that is intended`, { cause: error });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(reason)) {
    const text = `oci: the certificate of ${host} is not trusted (${reason}); set NODE_EXTRA_CA_CERTS to its authority's certificate`;
    return new OciError("tls", text, { cause: error });
  }
  if (reason === "bad port") {
    const text = `oci: ${host} has a port that Node's fetch never opens, because it belongs to another protocol; use another port`;
    return new OciError("not-a-registry", text, { cause: error });
  }
  // The parser's errors have codes in some versions of Node only.
  if (cause.name === "HTTPParserError" || reason === "ERR_INVALID_PROTOCOL") {
    return new OciError("not-a-registry", `oci: ${host} does not speak HTTP (${reason}); check host and port`, { cause: error });
  }
  if (NO_WAY.test(reason)) {
    return new OciError("unreachable", `oci: ${host} cannot be reached (${reason}); check host, port and network`, { cause: error });
  }
  return new OciError("interrupted", `oci: ${host} broke off during ${method} (${reason}); try again`, { cause: error });
}

function deepest(error: unknown): { name: string; code?: string; message: string } {
  let current = error as Error & { code?: string; errors?: unknown[] };
  // Several addresses of one host fail together.
  for (let next: unknown = current; next instanceof Error; next = current.cause ?? current.errors?.[0]) current = next as typeof current;
  return current;
}
