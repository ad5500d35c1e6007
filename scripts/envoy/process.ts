import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { atExit } from "../leftovers/index.ts";
import { type AdminAddress, adminGet } from "./admin.ts";
import { type EnvoyFlags, envoyArguments } from "./arguments.ts";
import { LineLog } from "./log.ts";
import { EnvoyStartError } from "./start-error.ts";

export interface ProcessOptions extends EnvoyFlags {
  binary: string;
  /** The bootstrap file; its admin port should be 0. */
  config: string;
  /** A folder of this Envoy's own, for the file in which it writes its admin address. */
  folder: string;
  env?: Record<string, string> | undefined;
  log?: LineLog | undefined;
  readyTimeoutMs?: number | undefined;
}

/** How long Envoy may take to be ready; on a loaded machine with a large module that is more than a moment. */
export const READY_TIMEOUT_MS = 60_000;

export interface EnvoyProcess {
  pid: number;
  admin: AdminAddress;
  log: LineLog;
  /** SIGTERM, and SIGKILL when it is still there after some seconds. Safe to call twice. */
  stop(): Promise<void>;
  /** Resolves when Envoy has ended, with how: `exit code 1`, `signal SIGTERM`. */
  ended: Promise<string>;
}

/** Starts Envoy and resolves when it is ready for traffic; rejects with what its log says when it ends before. */
export async function startProcess(options: ProcessOptions): Promise<EnvoyProcess> {
  const addressFile = join(options.folder, "admin-address");
  const log = options.log ?? new LineLog();
  const child = spawn(options.binary, [...envoyArguments(options.config, options), "--admin-address-path", addressFile], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
  });
  child.once(
    "exit",
    atExit(() => child.kill("SIGKILL")),
  );
  child.stdout?.on("data", log.sink());
  child.stderr?.on("data", log.sink());
  let end: string | null = null;
  const ended = new Promise<string>(resolve => {
    child.once("error", error => resolve(error.message));
    // "close" comes after the last byte of output, "exit" may not.
    child.once("close", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  void ended.then(how => {
    end = how;
  });

  const deadline = Date.now() + (options.readyTimeoutMs ?? READY_TIMEOUT_MS);
  for (;;) {
    if (end !== null) throw new EnvoyStartError(end, log);
    const admin = await readAddress(addressFile);
    if (admin && (await isReady(admin))) {
      return { pid: child.pid ?? 0, admin, log, ended, stop: () => stop(child, ended) };
    }
    if (Date.now() > deadline) {
      await stop(child, ended);
      throw new EnvoyStartError("not ready in time", log);
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

async function readAddress(file: string): Promise<AdminAddress | null> {
  const text = await readFile(file, "utf8").catch(() => "");
  const match = /^(.+):(\d+)$/.exec(text.trim());
  return match?.[1] ? { host: match[1] === "0.0.0.0" ? "127.0.0.1" : match[1], port: Number(match[2]) } : null;
}

async function isReady(admin: AdminAddress): Promise<boolean> {
  return adminGet(admin, "/ready").then(
    answer => answer.status === 200,
    () => false,
  );
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(timer);
  }
}
