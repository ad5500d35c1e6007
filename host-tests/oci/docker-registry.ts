import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Listening } from "./listen.ts";
import { ISSUER, SERVICE, type TokenService } from "./token-service.ts";
import { BCRYPT, READER, USER } from "./users.ts";

export interface DockerRegistryOptions {
  readonly basic?: boolean;
  readonly token?: TokenService;
  /** No file becomes larger, in bytes: as good as a full disk, and needs no rights. */
  readonly largestFile?: number;
}

const START_MS = 60_000;

/** Starts Debian's docker-registry on a port that it chooses, with its data below `folder`. */
export async function startDockerRegistry(program: string, folder: string, options: DockerRegistryOptions): Promise<Listening> {
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, "config.json");
  // JSON is YAML, too.
  writeFileSync(configFile, JSON.stringify(configuration(folder, options)));
  const serve = ["serve", configFile];
  // The shell counts in blocks of 512 bytes.
  const limited = ["-c", `ulimit -f ${Math.ceil((options.largestFile ?? 0) / 512)}; exec "$0" "$@"`, program, ...serve];
  const child =
    options.largestFile === undefined
      ? spawn(program, serve, { stdio: ["ignore", "ignore", "pipe"] })
      : spawn("sh", limited, { stdio: ["ignore", "ignore", "pipe"] });
  const stop = (): Promise<void> => end(child);
  try {
    return { host: await listening(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration(folder: string, { basic, token }: DockerRegistryOptions): object {
  const passwords = join(folder, "htpasswd");
  if (basic) writeFileSync(passwords, `${USER}:${BCRYPT}\n${READER}:${BCRYPT}\n`);
  const auth = basic
    ? { htpasswd: { realm: "Registry Realm", path: passwords } }
    : token
      ? { token: { realm: token.realm, service: SERVICE, issuer: ISSUER, rootcertbundle: token.certificateFile } }
      : null;
  return {
    version: 0.1,
    // It tells its port at this level.
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: join(folder, "data") } },
    http: { addr: "127.0.0.1:0", secret: "of the test" },
    ...(auth ? { auth } : {}),
  };
}

/** Reads the address from the log; what follows is read and dropped, for a full pipe would stop the registry. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = "";
    const fail = (how: string): void => {
      clearTimeout(timer);
      reject(new Error(`docker-registry ${how}:\n${log}`));
    };
    const timer = setTimeout(() => fail(`does not listen after ${START_MS / 1000} s`), START_MS);
    child.once("error", error => fail(`does not start (${error.message})`));
    child.once("close", status => fail(`ended with status ${status}`));
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      log = (log + chunk).slice(-10_000);
      const host = /listening on (127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (host === undefined) return;
      clearTimeout(timer);
      resolve(host);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise(resolve => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}
