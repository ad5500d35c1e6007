import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Content } from "../../scripts/oci/index.ts";

/** The repository's folder. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** A WebAssembly module of `size` bytes, at least 15, that does nothing, and does not compress: one custom section without a name. */
export function moduleOf(size: number): Uint8Array {
  const bytes = noiseOf(size);
  const section = size - 14;
  bytes.set([0, ...[0, 7, 14, 21].map(shift => ((section >>> shift) & 0x7f) | 0x80), section >>> 28, 0], 8);
  return bytes;
}

/** What begins as a module does, and is none. */
export function noiseOf(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  // xorshift32: the same bytes every time.
  for (let at = 0, state = 0x9e3779b9; at < size; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  bytes.set([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  return bytes;
}

/**
 * A filter of the pack with its source map, copied to `folder`: a build or a commit meanwhile changes neither bytes nor annotations.
 */
export function copyOfModule(folder: string): string {
  const name = "span-attributes.wasm";
  for (const file of [name, `${name}.map`]) copyFileSync(join(ROOT, "build", file), join(folder, file));
  return join(folder, name);
}

/** A frame as Envoy would print it, were the module to trap at the beginning of a callback. */
export function frameOf(file: string): string {
  const { names, x_meshwright } = JSON.parse(readFileSync(`${file}.map`, "utf8")) as {
    names: string[];
    x_meshwright: { functions: [start: number, end: number, name: number][] };
  };
  const callback = names.indexOf("assembly/sdk/callbacks/plugin/proxy_on_configure");
  const [start] = x_meshwright.functions.find(([, , name]) => name === callback) ?? [];
  if (start === undefined) throw new Error(`${file} has no function proxy_on_configure`);
  return `  0:  0x${start.toString(16)} - ${names[callback]}`;
}

export function contentOf(wasm: Uint8Array): Content {
  return { wasm, name: "dice", abiVersions: ["v0.2.1"], annotations: { "org.opencontainers.image.title": "dice" } };
}

export interface Outcome {
  readonly status: number | string | null | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs the bundled command line as a user does; without this machine's Docker configuration unless `env` says where one is. */
export function meshwright(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise(resolve => {
    const options = { cwd: ROOT, env: { ...process.env, DOCKER_CONFIG: join(ROOT, "does-not-exist"), ...env } };
    execFile(process.execPath, [join(ROOT, "dist", "cli.js"), ...args], options, (error, out, err) => {
      resolve({ status: error ? error.code : 0, out, err });
    });
  });
}

/** Writes a config.json as `docker login` does; returns the environment that makes it count. */
export function dockerConfig(folder: string, config: object): { DOCKER_CONFIG: string } {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return { DOCKER_CONFIG: folder };
}

export function login(host: string, user: string, password: string): object {
  return { auths: { [host]: { auth: Buffer.from(`${user}:${password}`).toString("base64") } } };
}
