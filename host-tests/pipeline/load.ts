import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findProgram } from "../oci/find-program.ts";

const run = promisify(execFile);

export interface Stage {
  readonly requests: number;
  readonly connections: number;
}

/** What the load tool says of itself. */
export interface Report {
  readonly sent: number;
  readonly succeeded: number;
  readonly with2xx: number;
}

/** Whether the tests of load can run; says what is lost where they cannot. */
export function hasLoadTool(): boolean {
  if (findProgram("h2load")) return true;
  console.error("LEFT OUT: h2load is not on PATH, so nothing is under load; install it: apt-get install nghttp2-client");
  return false;
}

/** Stages one after the other, as k6 has them, by h2load over HTTP/1.1: more connections, the same for a while, fewer again. */
export async function load(url: string, stages: readonly Stage[], headers: readonly (readonly [string, string])[] = []): Promise<Report> {
  const total = { sent: 0, succeeded: 0, with2xx: 0 };
  for (const { requests, connections } of stages) {
    const fields = headers.map(([name, value]) => `--header=${name}: ${value}`);
    const { stdout } = await run("h2load", ["--h1", `-n${requests}`, `-c${connections}`, "-t1", ...fields, url]);
    const [, sent, , succeeded] = /requests: (\d+) total, (\d+) started, \d+ done, (\d+) succeeded/.exec(stdout) ?? [];
    const [, with2xx] = /status codes: (\d+) 2xx/.exec(stdout) ?? [];
    if (sent === undefined) throw new Error(`h2load's report is not what is expected:\n${stdout}`);
    total.sent += Number(sent);
    total.succeeded += Number(succeeded);
    total.with2xx += Number(with2xx);
  }
  return total;
}
