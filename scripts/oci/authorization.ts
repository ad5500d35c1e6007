import { type Challenge, parseChallenges } from "./challenge.ts";
import { type Credentials, findCredentials } from "./credentials.ts";
import { OciError } from "./errors.ts";
import { exchange, type HttpResponse } from "./http.ts";

/** For what, and on which terms. */
export interface AccessRequest {
  /** As users write it. */
  readonly host: string;
  /** `repository:filters/x:pull,push` */
  readonly scope: string;
  readonly plainHttp: boolean;
}

/**
 * Answers a registry's 401: returns the Authorization header to repeat the request with.
 * Credentials are looked up only now, so that an open registry never makes a helper ask for a password.
 *
 * Spec: distribution-spec "Authentication"; Docker's "Token Authentication Specification" and its OAuth2 part for identity tokens
 */
export async function authorize(header: string, access: AccessRequest): Promise<string> {
  const challenges = parseChallenges(header);
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  if (!bearer && !challenges.some(({ scheme }) => scheme === "basic")) {
    const text = `oci: ${access.host} asks for authentication of a kind that is not known here ("${header}"); basic and bearer are`;
    throw new OciError("unauthorized", text, { status: 401 });
  }
  const credentials = await findCredentials(access.host);
  if (bearer) return `Bearer ${await fetchToken(bearer, credentials, access)}`;
  if (!credentials) throw loginNeeded(access.host);
  return basic(credentials);
}

/** No credentials where some are needed. */
export function loginNeeded(host: string): OciError {
  const text = `oci: ${host} asks for a user and a password, and Docker's config.json has none for it; run: docker login ${host}`;
  return new OciError("unauthorized", text, { status: 401 });
}

async function fetchToken(challenge: Challenge, credentials: Credentials | null, access: AccessRequest): Promise<string> {
  const { realm = "", service } = challenge.parameters;
  const url = URL.canParse(realm) ? new URL(realm) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new OciError(
      "unauthorized",
      `oci: the token service that ${access.host} names, "${realm}", is no http or https URL; its setup is wrong`,
    );
  }
  if (url.protocol === "http:" && !access.plainHttp && credentials) {
    const text = `oci: ${access.host} wants the password sent to ${url.origin}, unencrypted; add --plain-http if that is intended`;
    throw new OciError("tls", text);
  }
  const response = credentials?.identityToken
    ? await refresh(url, service, credentials.identityToken, access)
    : await request(url, service, credentials, access);
  if (response.status === 401 || response.status === 403) {
    if (!credentials) throw loginNeeded(access.host);
    throw refused(access.host, credentials);
  }
  const token = response.status === 200 ? tokenIn(response) : null;
  if (token) return token;
  const code = response.status >= 500 ? "registry-failed" : "unauthorized";
  const text = `oci: the token service ${url.origin} of ${access.host} answered ${response.status} without a token; look at its log`;
  throw new OciError(code, text, { status: response.status });
}

function request(url: URL, service: string | undefined, credentials: Credentials | null, { scope }: AccessRequest): Promise<HttpResponse> {
  const query = new URL(url);
  if (service !== undefined) query.searchParams.set("service", service);
  query.searchParams.set("scope", scope);
  return exchange({ method: "GET", url: query, headers: credentials ? { authorization: basic(credentials) } : {} });
}

function refresh(url: URL, service: string | undefined, identityToken: string, { scope }: AccessRequest): Promise<HttpResponse> {
  const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: identityToken, client_id: "meshwright", scope });
  if (service !== undefined) form.set("service", service);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return exchange({ method: "POST", url, headers, body: form.toString() });
}

/** Docker's field and OAuth2's. */
function tokenIn({ body }: HttpResponse): string | null {
  try {
    const { token, access_token } = JSON.parse(new TextDecoder().decode(body)) as { token?: string; access_token?: string };
    return token || access_token || null;
  } catch {
    return null;
  }
}

/** Credentials that the registry did not take. */
export function refused(host: string, { username, origin }: Credentials): OciError {
  const who = username === "" ? "the identity token" : `user "${username}"`;
  return new OciError("unauthorized", `oci: ${host} refused ${who} from ${origin}; run: docker login ${host}`, { status: 401 });
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
