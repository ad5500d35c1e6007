import { execFile } from "node:child_process";
import { copyFile, link, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { ContainerRuntimeClient } from "testcontainers";
import { findEnvoy } from "../../scripts/envoy/index.ts";

const run = promisify(execFile);

/** Where the public image has it too. */
const ENVOY = "usr/local/bin/envoy";

/**
 * Builds `image` FROM scratch: Envoy's binary and the shared libraries that ldd lists, under the paths where the loader looks for them.
 * Works without any registry. Linux only: elsewhere the binary at hand is not one for a container.
 */
export async function buildImage(
  dockerode: ContainerRuntimeClient["container"]["dockerode"],
  image: string,
  version: string,
): Promise<void> {
  if (process.platform !== "linux") {
    throw new Error(
      `${image} can only be made on Linux, this is ${process.platform}; let the engine pull envoyproxy/envoy:v${version}, or set MESHWRIGHT_ENVOY_RUN=binary`,
    );
  }
  const { path } = await findEnvoy({ version });
  const context = await mkdtemp(join(tmpdir(), "meshwright-image-"));
  try {
    const files = [ENVOY];
    await place(path, join(context, ENVOY));
    for (const library of await libraries(path)) {
      files.push(library.slice(1));
      await place(await realpath(library), join(context, library));
    }
    await writeFile(join(context, "Dockerfile"), dockerfile(files, version));
    console.error(`building ${image} from ${path} and ${files.length - 1} libraries…`);
    const stream = await dockerode.buildImage({ context, src: ["Dockerfile", ...files] }, { t: image });
    await new Promise<void>((resolve, reject) => {
      dockerode.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()));
    });
  } catch (cause) {
    throw new Error(`could not build ${image}: ${(cause as Error).message}; set MESHWRIGHT_ENVOY_RUN=binary to do without`, { cause });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

function dockerfile(files: readonly string[], version: string): string {
  const copies = files.map(file => `COPY ${file} /${file}`);
  return ["FROM scratch", `LABEL meshwright.envoy=${version}`, ...copies, `ENTRYPOINT ["/${ENVOY}"]`, ""].join("\n");
}

/** Absolute paths from ldd's lines: `libm.so.6 => /lib/…/libm.so.6 (0x…)` and the loader's `/lib64/ld-linux-x86-64.so.2 (0x…)`. */
async function libraries(binary: string): Promise<string[]> {
  const { stdout } = await run("ldd", [binary]);
  const missing = /(\S+) => not found/.exec(stdout);
  if (missing) throw new Error(`${binary} needs ${missing[1]}, which is not on this machine`);
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(match => match[1] as string);
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  // A link spares 100 MB of copying where cache and temporary folder share a file system.
  await link(from, to).catch(() => copyFile(from, to));
}
