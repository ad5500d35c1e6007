import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ContainerRuntimeClient } from "testcontainers";
import { cacheFolder } from "../../scripts/envoy/index.ts";
import { buildImage } from "./image-build.ts";

type Dockerode = ContainerRuntimeClient["container"]["dockerode"];

/** How long the registry may take to say that it has the image, and then to hand it over. */
const FIRST_WORD_MS = 10_000;
const WHOLE_PULL_MS = 180_000;
/** For how long a failed pull is believed: an offline machine should not wait for it on every run. */
const BELIEVE_FAILURE_MS = 6 * 3600_000;

const images = new Map<string, Promise<string>>();

/**
 * The image to run: the public one when it is here or can be pulled, else one that holds the Envoy binary
 * and the libraries it needs and nothing else. Decided once per process and version.
 */
export function imageFor(version: string, engine: ContainerRuntimeClient): Promise<string> {
  let image = images.get(version);
  if (!image) {
    image = decide(version, engine.container.dockerode);
    images.set(version, image);
  }
  return image;
}

async function decide(version: string, dockerode: Dockerode): Promise<string> {
  const official = `envoyproxy/envoy:v${version}`;
  if (await isPresent(dockerode, official)) return official;
  const own = `meshwright-envoy:${version}`;
  const ownIsPresent = await isPresent(dockerode, own);
  if (await failedLately(official)) {
    if (ownIsPresent) return own;
  } else {
    const reason = await pull(dockerode, official);
    if (reason === null) return official;
    await rememberFailure(official);
    console.error(`${official} cannot be pulled (${reason}); using ${own}, made from the Envoy binary`);
    if (ownIsPresent) return own;
  }
  await buildImage(dockerode, own, version);
  return own;
}

async function isPresent(dockerode: Dockerode, image: string): Promise<boolean> {
  return dockerode
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

/** Pulls; null when it worked, else why not. */
async function pull(dockerode: Dockerode, image: string): Promise<string | null> {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), FIRST_WORD_MS);
  try {
    const stream = await dockerode.pull(image, { abortSignal: abort.signal });
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), WHOLE_PULL_MS);
    console.error(`pulling ${image}…`);
    await new Promise<void>((resolve, reject) => {
      dockerode.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve()));
    });
    return null;
  } catch (error) {
    return abort.signal.aborted ? "no answer in time" : firstLine((error as Error).message);
  } finally {
    clearTimeout(timer);
  }
}

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").slice(0, 160);

const notesFile = (): string => join(cacheFolder(), "pulls.json");

async function readNotes(): Promise<Record<string, number>> {
  try {
    return JSON.parse(await readFile(notesFile(), "utf8")) as Record<string, number>;
  } catch {
    return {};
  }
}

async function failedLately(image: string): Promise<boolean> {
  const at = (await readNotes())[image];
  return at !== undefined && Date.now() - at < BELIEVE_FAILURE_MS;
}

async function rememberFailure(image: string): Promise<void> {
  const file = notesFile();
  await mkdir(dirname(file), { recursive: true });
  const scratch = `${file}.${process.pid}`;
  await writeFile(scratch, JSON.stringify({ ...(await readNotes()), [image]: Date.now() }));
  await rename(scratch, file);
}
