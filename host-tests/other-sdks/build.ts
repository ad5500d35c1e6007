import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Modules come here. Neither folder is part of the repository. */
const BUILT = join(ROOT, "build", "other-sdks");
/** What compilers keep and packages that are installed. */
const CACHE = join(ROOT, ".cache", "other-sdks");
const TARGET = "wasm32-unknown-unknown";

/** Builds `rust/` with the Rust SDK; answers the module's path. */
export async function buildRust(): Promise<string> {
  await needRustTarget();
  const targetFolder = join(CACHE, "rust");
  const flags = ["--release", "--target", TARGET, "--target-dir", targetFolder];
  const next = "if a crate could not be downloaded, let cargo reach its registry once, the crates are kept then";
  await command("cargo", ["build", ...flags], join(HERE, "rust"), next);
  return takeOver(join(targetFolder, TARGET, "release", "rust_filter.wasm"), "rust.wasm");
}

/** A filter of `solo/` or `gcore/`: `index`, or `more`. */
export type Program = "index" | "more";

/** Installs what the filters of `gcore/` and `solo/` are built with; once, before test files that build them run side by side. */
export async function installPackages(): Promise<void> {
  for (const name of ["gcore", "solo"]) await install(name);
}

/** Builds a filter of `gcore/` with @gcoredev/proxy-wasm-sdk-as and the asc that its lock file names; answers the module's path. */
export async function buildGcore(program: Program = "index"): Promise<string> {
  const asc = join("node_modules", "assemblyscript", "bin", "asc.js");
  return compile("gcore", program, outFile => [asc, `assembly/${program}.ts`, "--outFile", outFile]);
}

/** Builds a filter of `solo/` with @solo-io/proxy-runtime and the asc of its time; answers the module's path. */
export async function buildSolo(program: Program = "index"): Promise<string> {
  const asc = join("node_modules", "assemblyscript-0.14", "bin", "asc");
  // Envoy crashes on a start section that calls it.
  const flags = ["-O3", "--use", "abort=abort_proc_exit", "--explicitStart"];
  return compile("solo", program, outFile => [asc, `assembly/${program}.ts`, "--binaryFile", outFile, ...flags]);
}

/** Makes the folder, with its sources and what its lock file names. */
async function install(name: string): Promise<void> {
  const folder = join(CACHE, name);
  await mkdir(folder, { recursive: true });
  if (await hasChanged(name, "package-lock.json", folder)) await rm(join(folder, "node_modules"), { recursive: true, force: true });
  await cp(join(HERE, name), folder, { recursive: true, filter: source => !["node_modules", "build"].includes(basename(source)) });
  if (!existsSync(join(folder, "node_modules", ".package-lock.json"))) await npmInstall(folder);
}

async function compile(name: string, program: Program, args: (outFile: string) => readonly string[]): Promise<string> {
  const folder = join(CACHE, name);
  const outFile = `${program}-${randomUUID()}.wasm`;
  const next = `see the compiler's words; delete .cache/other-sdks/${name} when an installed package is damaged`;
  await command(process.execPath, args(outFile), folder, next);
  const module = await takeOver(join(folder, outFile), `${name}-${program}.wasm`);
  await rm(join(folder, outFile));
  return module;
}

async function needRustTarget(): Promise<void> {
  const install = `install Rust 1.78 or later and its target ${TARGET}, with rustup or from your distribution, and run npm run test:sdks again`;
  const { stdout } = await command("rustc", ["--print", "sysroot"], HERE, install);
  await command("cargo", ["--version"], HERE, install);
  if (existsSync(join(stdout.trim(), "lib", "rustlib", TARGET))) return;
  const add = `Rust has no target ${TARGET}: run "rustup target add ${TARGET}", or install your distribution's package of it`;
  await command("rustup", ["target", "add", TARGET], HERE, add);
}

async function npmInstall(folder: string): Promise<void> {
  const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
  const npm = process.env.npm_execpath;
  const next = "let npm reach its registry once, the packages are kept in .cache/other-sdks then";
  if (npm) await command(process.execPath, [npm, ...args], folder, next);
  else await command("npm", args, folder, next);
}

async function hasChanged(sdk: string, name: string, folder: string): Promise<boolean> {
  const [wanted, found] = await Promise.all([readFile(join(HERE, sdk, name)), readFile(join(folder, name)).catch(() => null)]);
  return found === null || !wanted.equals(found);
}

/** Another test file may read the module of that name meanwhile: it is whole at any moment. */
async function takeOver(from: string, name: string): Promise<string> {
  await mkdir(BUILT, { recursive: true });
  const module = join(BUILT, name);
  const copy = `${module}.${randomUUID()}`;
  await copyFile(from, copy);
  await rename(copy, module);
  return module;
}

/** Runs a program to its end; an error says what was run, what it said, and what to do. */
async function command(program: string, args: readonly string[], cwd: string, next: string): Promise<{ stdout: string }> {
  try {
    return await run(program, args, { cwd, maxBuffer: 1 << 24 });
  } catch (cause) {
    const { code, stdout = "", stderr = "" } = cause as NodeJS.ErrnoException & { stdout?: string; stderr?: string };
    const what = code === "ENOENT" ? `${program} is not on PATH` : `${basename(program)} ${args.join(" ")} failed`;
    throw new Error(`other-sdks: ${what}; ${next}\n${stdout}${stderr}`.trimEnd(), { cause });
  }
}
