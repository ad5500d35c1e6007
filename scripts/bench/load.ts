import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { withScratchFolder } from "../leftovers/index.ts";
import { ToolMissingError } from "./tool-missing.ts";
import { parseRequest } from "./traffic.ts";

const run = promisify(execFile);

/** What a load generator saw in one run. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface LoadPlan {
  readonly seconds: number;
  readonly connections: number;
  /** Requests per second in all, h2load only; as fast as they are answered by default. */
  readonly rate?: number;
}

/** A program that sends requests as fast as they are answered, on connections that are kept. */
export interface LoadGenerator {
  readonly name: "wrk" | "h2load";
  run(target: { host: string; port: number }, request: string, plan: LoadPlan): Promise<LoadResult>;
}

/** wrk: HTTP/1.1. */
export const wrk: LoadGenerator = {
  name: "wrk",
  async run({ host, port }, request, { seconds, connections }) {
    const { path, headers } = parseRequest(request);
    const fields = headers.flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", ...fields, `http://${host}:${port}${path}`];
    return parseWrk(await output("wrk", args));
  },
};

/** h2load: HTTP/2, `connections` streams at once on a quarter as many connections. */
export const h2load: LoadGenerator = {
  name: "h2load",
  async run({ host, port }, request, { seconds, connections, rate }) {
    const { path, headers } = parseRequest(request);
    const fields = headers.map(([name, value]) => `--header=${name === "host" ? ":authority" : name}: ${value}`);
    return withScratchFolder(tmpdir(), "meshwright-h2load-", async folder => {
      const log = join(folder, "requests");
      const clients = Math.max(1, Math.floor(connections / 4));
      const pace = rate === undefined ? [] : [`--rps=${Math.max(1, Math.round(rate / clients))}`];
      const args = [`-c${clients}`, "-m4", `-D${seconds}`, `--log-file=${log}`, ...pace, ...fields, `http://${host}:${port}${path}`];
      return parseH2load(await output("h2load", args), await readFile(log, "utf8"));
    });
  },
};

const PACKAGES = { wrk: "wrk", h2load: "nghttp2-client" };

/** Those that are there. Where there is none: an error that says how to install them. */
export async function loadGenerators(
  wanted: readonly LoadGenerator[] = [wrk, h2load],
): Promise<{ found: LoadGenerator[]; missing: string[] }> {
  const found: LoadGenerator[] = [];
  const missing: string[] = [];
  for (const each of wanted) {
    const there = await isOnPath(each.name);
    if (there) found.push(each);
    else missing.push(`${each.name} is not on PATH; apt-get install ${PACKAGES[each.name]}`);
  }
  if (found.length === 0) throw new ToolMissingError(missing.join("; "));
  return { found, missing };
}

async function isOnPath(program: string): Promise<boolean> {
  return run(program, ["--version"]).then(
    () => true,
    // wrk prints its version and ends with status 1.
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT",
  );
}

async function output(program: string, args: readonly string[]): Promise<string> {
  return (await run(program, args, { maxBuffer: 1 << 24 })).stdout;
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/** Reads wrk's report. Answers that are no success are an error: load on refused requests says nothing. */
export function parseWrk(text: string): LoadResult {
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? /Socket errors: (.*)/.exec(text)?.[1];
  if (bad !== undefined) throw new Error(`bench: wrk saw answers that were no success: ${bad}\n${text}`);
  const requestsPerSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
  const latency = (part: string): number => {
    const [, value, unit = ""] = new RegExp(`^\\s+${part}%\\s+([\\d.]+)(us|ms|s|m)`, "m").exec(text) ?? [];
    return Number(value) * (UNITS[unit] ?? Number.NaN);
  };
  return whole({ requestsPerSecond, p50: latency("50"), p99: latency("99") }, text);
}

/** Reads h2load's report, and the latencies from its log, a line for each request: start, status, microseconds. */
export function parseH2load(text: string, log: string): LoadResult {
  const [, failed = "0", errored = "0", timeout = "0"] = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(text) ?? [];
  const lines = log
    .split("\n")
    .filter(line => line !== "")
    .map(line => line.split("\t"));
  const refused = lines.filter(([, status]) => status !== "200").length;
  if (Number(errored) + Number(timeout) > 0 || refused > 0)
    throw new Error(`bench: h2load saw answers that were no success: ${refused} of ${lines.length}, ${failed} failed\n${text}`);
  const times = Float64Array.from(lines, ([, , time]) => Number(time) / 1000).sort();
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
  const requestsPerSecond = Number(/finished in [^,]+, ([\d.]+) req\/s/.exec(text)?.[1]);
  return whole({ requestsPerSecond, p50: at(0.5), p99: at(0.99) }, text);
}

function whole(result: LoadResult, text: string): LoadResult {
  if (Object.values(result).every(value => value > 0)) return result;
  throw new Error(`bench: this is not a report that the bench can read:\n${text}`);
}
