import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startDockerRegistry } from "../oci/docker-registry.ts";
import { findProgram } from "../oci/find-program.ts";
import { meshwright, ROOT } from "../oci/fixtures.ts";
import type { Listening } from "../oci/listen.ts";

/** Debian's docker-registry, which these tests cannot do without; with `basic` it asks for a password. */
export function startRegistry(folder: string, options: { basic?: boolean } = {}): Promise<Listening> {
  const program = findProgram("docker-registry");
  if (!program) throw new Error("istio: docker-registry is not on PATH; install it: apt-get install docker-registry");
  return startDockerRegistry(program, folder, options);
}

export interface Pushed {
  /** `oci://127.0.0.1:PORT/filters/NAME:TAG` */
  readonly image: string;
  /** Of the manifest, in hexadecimal. */
  readonly digest: string;
  /** Of the module's file. */
  readonly sha256: string;
  readonly size: number;
}

/** Pushes a filter of the pack with the command line. */
export async function push({ host }: Listening, filter: string, form = "oci"): Promise<Pushed> {
  const module = join(ROOT, "build", `${filter}.wasm`);
  const bytes = readFileSync(module);
  const image = `oci://${host}/filters/${filter}:${form}`;
  const { status, out, err } = await meshwright(["push", module, image, "--format", form, "--plain-http", "--json"]);
  if (status !== 0) throw new Error(`istio: push ended with status ${status}: ${err}`);
  const digest: string = JSON.parse(out).digest.replace(/^sha256:/, "");
  return { image, digest, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}
