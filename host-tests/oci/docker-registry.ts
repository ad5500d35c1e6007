import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort, type Listening } from "./listen.ts";
import { ISSUER, SERVICE, type TokenService } from "./token-service.ts";
import { BCRYPT, READER, USER } from "./users.ts";

export interface DockerRegistryOptions {
  readonly basic?: boolean;
  readonly token?: TokenService;
  /** No file becomes larger, in bytes: as good as a full disk, and needs no rights. */
  readonly largestFile?: number;
}

/** Starts Debian's docker-registry on a free port, with its data below `folder`. */
export async function startDockerRegistry(program: string, folder: string, options: DockerRegistryOptions): Promise<Listening> {
  mkdirSync(folder, { recursive: true });
  const host = `127.0.0.1:${await freePort()}`;
  const configFile = join(folder, "config.json");
  // JSON is YAML, too.
  writeFileSync(configFile, JSON.stringify(configuration(folder, host, options)));
  const serve = ["serve", configFile];
  // The shell counts in blocks of 512 bytes.
  const limited = ["-c", `ulimit -f ${Math.ceil((options.largestFile ?? 0) / 512)}; exec "$0" "$@"`, program, ...serve];
  const child =
    options.largestFile === undefined
      ? spawn(program, serve, { stdio: ["ignore", "ignore", "pipe"] })
      : spawn("sh", limited, { stdio: ["ignore", "ignore", "pipe"] });
  const errors: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
  const stop = (): Promise<void> => end(child);
  try {
    await answering(host, child);
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}:\n${Buffer.concat(errors).toString()}`, { cause: error });
  }
  return { host, stop };
}

function configuration(folder: string, host: string, { basic, token }: DockerRegistryOptions): object {
  const passwords = join(folder, "htpasswd");
  if (basic) writeFileSync(passwords, `${USER}:${BCRYPT}\n${READER}:${BCRYPT}\n`);
  const auth = basic
    ? { htpasswd: { realm: "Registry Realm", path: passwords } }
    : token
      ? { token: { realm: token.realm, service: SERVICE, issuer: ISSUER, rootcertbundle: token.certificateFile } }
      : null;
  return {
    version: 0.1,
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "data") } },
    http: { addr: host, secret: "of the test" },
    ...(auth ? { auth } : {}),
  };
}

async function answering(host: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with status ${child.exitCode}`);
    try {
      await fetch(`http://${host}/v2/`);
      return;
    } catch {
      await setTimeout(50);
    }
  }
  throw new Error(`docker-registry does not answer on ${host}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise(resolve => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}
