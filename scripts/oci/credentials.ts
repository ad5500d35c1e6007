import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { OciError } from "./errors.ts";

/** What to show a registry, and where it came from, for messages. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Stands for a password that was given to the token service before; then the other two are empty. */
  readonly identityToken: string | null;
  readonly origin: string;
}

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry | null>> | null;
  readonly credHelpers?: Readonly<Record<string, string>> | null;
  readonly credsStore?: string;
}

/** What Docker Hub's credentials are kept under, for historical reasons. */
const DOCKER_HUB = "https://index.docker.io/v1/";
/** A helper says by this name that the password is an identity token. */
const TOKEN_USER = "<token>";

/**
 * The credentials that `docker login`, or another tool that keeps them the same way, left for `host`; null when there are none.
 * A helper for the host goes before the store for all, and both before what stands in the file itself.
 */
export async function findCredentials(host: string): Promise<Credentials | null> {
  const folder = process.env.DOCKER_CONFIG || homeDocker();
  if (folder === null) return null;
  const file = join(folder, "config.json");
  const config = await readConfig(file);
  const key = /^(registry-1\.|index\.)?docker\.io$/.test(host) ? DOCKER_HUB : host;
  const helper = config.credHelpers?.[key] ?? config.credHelpers?.[host] ?? config.credsStore;
  return (helper ? await askHelper(helper, key) : null) ?? fromFile(config, key, file);
}

/** Null for a user whom the system does not know, as containers have them. */
function homeDocker(): string | null {
  try {
    return join(homedir(), ".docker");
  } catch {
    return null;
  }
}

function fromFile({ auths }: DockerConfig, key: string, file: string): Credentials | null {
  const plain = (name: string): string => name.replace(/^https?:\/\//, "").replace(/\/(v[12]\/?)?$/, "");
  const entries = auths ?? {};
  const entry = entries[key] ?? Object.entries(entries).find(([name]) => plain(name) === plain(key))?.[1];
  if (!entry) return null;
  const [, user, password] =
    /^([^:]*):(.*)$/s.exec(
      Buffer.from(entry.auth ?? "", "base64")
        .toString()
        .replace(/\0+$/, ""),
    ) ?? [];
  const found = {
    username: entry.username ?? user ?? "",
    password: entry.password ?? password ?? "",
    identityToken: entry.identitytoken || null,
    origin: file,
  };
  // With a store, Docker leaves an empty entry behind in the file.
  return found.username === "" && found.identityToken === null ? null : found;
}

/** Protocol: docker-credential-helpers, "get": the server on standard input, JSON on standard output. */
async function askHelper(helper: string, server: string): Promise<Credentials | null> {
  const program = `docker-credential-${helper}`;
  if (!/^[\w.-]+$/.test(helper)) throw new OciError("credentials", `oci: "${helper}" in Docker's config.json names no credential helper`);
  const { status, out } = await run(program, ["get"], server);
  // Not an error for Docker either: a store is asked about every registry.
  if (status !== 0 && /credentials not found/i.test(out)) return null;
  if (status !== 0) {
    const reason = out.trim() || (status === "ENOENT" ? "it is not on PATH" : `status ${status}`);
    throw new OciError("credentials", `oci: ${program} gave no credentials for ${server}: ${reason}; install it, or log in again`);
  }
  try {
    const { Username = "", Secret = "" } = JSON.parse(out) as { Username?: string; Secret?: string };
    const isToken = Username === TOKEN_USER;
    return { username: isToken ? "" : Username, password: isToken ? "" : Secret, identityToken: isToken ? Secret : null, origin: program };
  } catch (error) {
    throw new OciError("credentials", `oci: ${program} answered for ${server} with something that is not JSON; update it`, {
      cause: error,
    });
  }
}

function run(program: string, args: string[], input: string): Promise<{ status: number | string; out: string }> {
  return new Promise(resolve => {
    const child = execFile(program, args, { encoding: "utf8" }, (error, out) => {
      resolve({ status: error ? (error.code ?? 1) : 0, out });
    });
    // A helper that ends without reading is judged by its status.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

async function readConfig(file: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new OciError("credentials", `oci: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}); correct its permissions`, {
      cause: error,
    });
  }
  try {
    return (JSON.parse(text) as DockerConfig | null) ?? {};
  } catch (error) {
    // Not the parser's message: it quotes the file, and that holds passwords.
    throw new OciError("credentials", `oci: ${file} is not JSON; correct it, or log in again`, { cause: error });
  }
}
