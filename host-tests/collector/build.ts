import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir, setPriority } from "node:os";
import { join } from "node:path";
import { MANIFEST, type Manifest, readManifest } from "./manifest.ts";

const BUILDER = "go.opentelemetry.io/collector/cmd/builder";

/** Where built Collectors are kept: `<cache>/meshwright/otelcol/<hash of the manifest>/otelcol`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "meshwright", "otelcol");
}

/** The Collector of otel/builder.yaml: `OTELCOL_PATH`, the one in the cache, or one that is built now. */
export async function findCollector(say: (line: string) => void = () => {}): Promise<string> {
  const own = process.env.OTELCOL_PATH;
  if (own) {
    if (!existsSync(own)) throw new Error(`collector: OTELCOL_PATH is ${own}, and no file is there; name an otelcol binary or unset it`);
    return own;
  }
  const manifest = await readManifest();
  const program = join(cacheFolder(), manifest.hash, "otelcol");
  if (!existsSync(program)) await build(manifest, program, say);
  return program;
}

/** Builds beside the target and ends in one rename: two processes that build at once both succeed. */
async function build(manifest: Manifest, program: string, say: (line: string) => void): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const scratch = await mkdtemp(join(cacheFolder(), ".build-"));
  try {
    await go(["version"], scratch);
    say(`building the OpenTelemetry Collector ${manifest.version} of otel/builder.yaml, once; it takes some minutes…`);
    await go(["install", "-p", "2", `${BUILDER}@${manifest.version}`], scratch, { GOBIN: scratch });
    // The builder would tidy go.mod, and download for that what only the tests of the parts need.
    await run(join(scratch, "builder"), ["--config", MANIFEST, "--skip-get-modules", "--skip-compilation"], scratch);
    const sources = join(scratch, "otelcol");
    await go(["mod", "init", "otelcol"], sources);
    await go(["mod", "edit", ...manifest.modules.map(module => `-require=${module}`)], sources);
    await go(["build", "-p", "2", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", "otelcol", "."], sources);
    await mkdir(join(program, ".."), { recursive: true });
    await rename(join(sources, "otelcol"), program);
    say(`the Collector is ${program}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const go = (args: readonly string[], cwd: string, env: Record<string, string> = {}) => run("go", args, cwd, env);

function run(program: string, args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const said: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    child.once("error", ({ code, message }: NodeJS.ErrnoException) => reject(new Error(missing(program, code, message))));
    child.once("close", status => {
      if (status === 0) return resolve();
      const last = Buffer.concat(said).toString().trimEnd().split("\n").slice(-15).join("\n");
      const next = "if a module could not be downloaded, let go reach its module proxy once, the modules are kept then";
      reject(new Error(`collector: ${program} ${args.join(" ")} ended with status ${status}; ${next}\n${last}`));
    });
    // With low priority, because it is a great deal to compile.
    if (child.pid !== undefined) setPriority(child.pid, 10);
  });
}

function missing(program: string, code: string | undefined, message: string): string {
  if (code !== "ENOENT" || program !== "go") return `collector: ${program}: ${message}`;
  const next = "install Go 1.25 or later, or set OTELCOL_PATH to an OpenTelemetry Collector with the parts of otel/builder.yaml";
  return `collector: go is not on PATH, and the Collector is built with it; ${next}`;
}
