import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("checker/", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDER = join(ROOT, ".cache", "istio");
const PROGRAM = join(FOLDER, "checker");

/** What one of Istio's judges says of an object. */
export interface Problem {
  readonly judge: "yaml" | "schema" | "kubernetes" | "prometheus" | "webhook" | "analyzer" | "istiod" | "istioctl" | "chart" | "log";
  readonly level: "Error" | "Warning" | "Info";
  /** Of an analyzer's message: IST0151. */
  readonly code?: string;
  /** `WasmPlugin istio-system/trace-context` */
  readonly object?: string;
  readonly message: string;
}

export interface Verdict {
  readonly file: string;
  readonly objects: readonly string[];
  readonly problems: readonly Problem[];
}

export interface FoundModule {
  readonly image: string;
  /** Of the manifest, in hexadecimal. */
  readonly digest: string;
  readonly sha256: string;
  readonly size: number;
}

/** A proxy that asks istiod. */
export interface MeshProxy {
  readonly type: "sidecar" | "router";
  /** Istio's: 1.31.0. */
  readonly version: string;
  readonly namespace: string;
  /** The node's, where Istio's agent writes service and namespace: checkout.shop. */
  readonly cluster: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface GenerateRequest {
  /** Helm values of Istio's chart istiod. */
  readonly values: string;
  readonly manifests: string;
  readonly proxies: readonly MeshProxy[];
  /** Where the agent puts the modules that it pulls; without it the extensions keep their URLs. */
  readonly cache?: string;
}

/** Envoy's resources, with names as in protobuf. */
export interface Resources {
  readonly listeners: readonly Json[];
  readonly clusters: readonly Json[];
  readonly routes: readonly Json[];
  /** What the listeners ask for by ECDS. */
  readonly extensions: readonly Json[];
}

// biome-ignore lint/suspicious/noExplicitAny: Envoy's configuration, into which the tests reach.
export type Json = any;

/** Judges files, and folders by what kustomize makes of them. */
export function validate(files: readonly string[], options: { values?: string } = {}): Promise<readonly Verdict[]> {
  const values = options.values === undefined ? [] : ["-values", options.values];
  return ask<readonly Verdict[]>(["validate", ...values, ...files]);
}

/** Judges Helm values for Istio's chart istiod. Of a tracing or logging provider that it cannot use Istio only writes to its log, so that counts. */
export async function validateValues(file: string): Promise<Verdict> {
  const { answer, log } = await askWithLog<Verdict>(["values", file]);
  const lines = new Set([...log.matchAll(/\t(?:warn|error)\tvalidation\t(.*)$/gm)].map(([, text = ""]) => text));
  const logged = [...lines].map(message => ({ judge: "log", level: "Warning", message }) as const);
  return { ...answer, problems: [...answer.problems, ...logged] };
}

/** What kustomize makes of a folder. */
export async function render(folder: string): Promise<string> {
  return (await ask<{ yaml: string }>(["render", folder])).yaml;
}

/** Pulls images as Istio's agent does. */
export const fetchModules = (images: readonly string[]): Promise<readonly FoundModule[]> => ask(["fetch", ...images]);

/** What istiod sends to each of the proxies. */
export const generate = (request: GenerateRequest): Promise<readonly Resources[]> => ask(["generate"], JSON.stringify(request));

/** Builds the program; a minute when nothing has changed since, several the first time. */
export async function buildChecker(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const next = "if a module could not be downloaded, let go reach its module proxy once, the modules are kept then";
  // Two at a time and with low priority, because it is a great deal to compile.
  await run("go", ["build", "-p", "2", "-o", PROGRAM, "."], { cwd: SOURCE, next, isBackground: true });
}

async function ask<Answer>(args: readonly string[], input = ""): Promise<Answer> {
  return (await askWithLog<Answer>(args, input)).answer;
}

async function askWithLog<Answer>(args: readonly string[], input = ""): Promise<{ answer: Answer; log: string }> {
  const next = "its words are those of Istio's packages, or of checker/*.go";
  const { out, err } = await run(PROGRAM, args, { cwd: ROOT, next, input });
  return { answer: JSON.parse(out.trimEnd().split("\n").at(-1) ?? "") as Answer, log: err };
}

interface RunOptions {
  readonly cwd: string;
  /** For the error's text. */
  readonly next: string;
  readonly input?: string;
  readonly isBackground?: boolean;
}

/** Istio's log is on standard error; it is shown when the program fails and with DEBUG=istio. */
function run(
  program: string,
  args: readonly string[],
  { cwd, next, input = "", isBackground }: RunOptions,
): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    // Docker's configuration of whoever runs the tests would become the agent's.
    const child = spawn(program, args, { cwd, env: { ...process.env, DOCKER_CONFIG: join(FOLDER, "no-docker-config") } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.once("error", (cause: NodeJS.ErrnoException) => reject(new Error(`istio: ${missing(program, cause)}`, { cause })));
    child.once("close", status => {
      const said = Buffer.concat(err).toString();
      if (process.env.DEBUG === "istio") console.error(said);
      if (status === 0) resolve({ out: Buffer.concat(out).toString(), err: said });
      else reject(new Error(`istio: ${program} ${args.join(" ")} ended with status ${status}; ${next}\n${said}`));
    });
    if (isBackground && child.pid !== undefined) setPriority(child.pid, 10);
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

function missing(program: string, { code, message }: NodeJS.ErrnoException): string {
  if (code !== "ENOENT") return `${program}: ${message}`;
  const install = "install Go 1.26 or later and run npm run test:istio again";
  return program === "go" ? `go is not on PATH; ${install}` : `${program} is not there; the tests' global setup builds it`;
}
