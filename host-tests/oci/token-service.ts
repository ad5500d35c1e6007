import { execFileSync } from "node:child_process";
import { createSign, createVerify, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { findProgram } from "./find-program.ts";
import { type Listening, listen } from "./listen.ts";
import { actionsOf, IDENTITY_TOKEN, USER, userIn } from "./users.ts";

export const ISSUER = "meshwright-test";
export const SERVICE = "test-registry";

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** A service that gives tokens to users, which a registry trusts by its certificate. */
export interface TokenService extends Listening {
  readonly realm: string;
  readonly certificateFile: string;
  /** What a token allows; null when it was not made here. */
  accessIn(token: string): readonly Access[] | null;
  /** Scopes that were asked for, in order. */
  readonly scopes: string[];
}

/** Spec: Docker's "Token Authentication Specification"; a token is a JSON Web Token with the certificate in its header. */
export async function startTokenService(folder: string): Promise<TokenService> {
  const keyFile = join(folder, "token.key");
  const certificateFile = join(folder, "token.crt");
  if (!findProgram("openssl")) throw new Error("oci: openssl is not on PATH, and makes the token service's certificate; install it");
  const subject = ["-subj", "/CN=meshwright-test", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", keyFile, "-out", certificateFile, ...subject], {
    stdio: "ignore",
  });
  const key = readFileSync(keyFile);
  const certificate = readFileSync(certificateFile, "utf8");
  const x5c = [certificate.replace(/-----[^-]+-----|\s/g, "")];
  const scopes: string[] = [];

  const tokenFor = (user: string | null, scope: string): string => {
    scopes.push(scope);
    const [type = "", name = "", wanted = ""] = scope.split(":");
    const actions = wanted.split(",").filter(action => actionsOf(user).includes(action));
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: ISSUER, aud: SERVICE, sub: user ?? "", exp: now + 300, nbf: now - 10, iat: now - 10, jti: randomUUID() };
    const text = `${encode({ typ: "JWT", alg: "RS256", x5c })}.${encode({ ...claims, access: [{ type, name, actions }] })}`;
    return `${text}.${createSign("sha256").update(text).sign(key, "base64url")}`;
  };

  const listening = await listen(async (request, response) => {
    const query = new URL(request.url ?? "", "http://localhost").searchParams;
    const form = new URLSearchParams(request.method === "POST" ? await bodyOf(request) : "");
    const user = form.get("refresh_token") === IDENTITY_TOKEN ? USER : userIn(request.headers.authorization);
    if (user === null) {
      response.writeHead(401, { "content-type": "application/json" }).end('{"details":"incorrect username or password"}');
      return;
    }
    const token = tokenFor(user, form.get("scope") ?? query.get("scope") ?? "");
    const field = request.method === "POST" ? "access_token" : "token";
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ [field]: token, expires_in: 300 }));
  });

  return {
    ...listening,
    realm: `http://${listening.host}/token`,
    certificateFile,
    scopes,
    accessIn(token) {
      const [head, claims, signature = ""] = token.split(".");
      const isOurs = createVerify("sha256").update(`${head}.${claims}`).verify(certificate, signature, "base64url");
      return isOurs ? JSON.parse(Buffer.from(claims ?? "", "base64url").toString()).access : null;
    },
  };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function encode(json: unknown): string {
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}
