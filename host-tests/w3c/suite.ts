import { execFile, spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const HOW_TO_GET_THE_SUITE = `The W3C's own test suite decides, and it is not part of this repository. Get it once, anywhere:

  git clone https://github.com/w3c/trace-context.git
  python3 -m venv trace-context/venv && trace-context/venv/bin/pip install aiohttp
  W3C_TRACE_CONTEXT=$PWD/trace-context W3C_PYTHON=$PWD/trace-context/venv/bin/python npm run test:w3c

W3C_PYTHON is python3 when it is not set; it needs the package aiohttp.`;

/** The suite cannot be run here: its folder, Python or aiohttp is missing. Wrong use, not a failed test. */
export class SuiteMissingError extends Error {}

export interface SuiteResult {
  total: number;
  skipped: number;
  failures: { test: string; reason: string }[];
  /** All that the suite printed. */
  output: string;
}

export interface Suite {
  folder: string;
  python: string;
}

/** Finds the checkout that W3C_TRACE_CONTEXT names and a Python that can run it. */
export async function findSuite(env: NodeJS.ProcessEnv = process.env): Promise<Suite> {
  const folder = env.W3C_TRACE_CONTEXT;
  if (!folder) throw new SuiteMissingError(`W3C_TRACE_CONTEXT is not set.\n${HOW_TO_GET_THE_SUITE}`);
  await access(join(folder, "test", "test.py")).catch(() => {
    throw new SuiteMissingError(`W3C_TRACE_CONTEXT: there is no test/test.py in ${folder}.\n${HOW_TO_GET_THE_SUITE}`);
  });
  const python = env.W3C_PYTHON || "python3";
  await run(python, ["-c", "import aiohttp"]).catch(() => {
    throw new SuiteMissingError(`W3C_PYTHON: ${python} does not run or has no package aiohttp.\n${HOW_TO_GET_THE_SUITE}`);
  });
  return { folder, python };
}

export interface SuiteOptions {
  serviceUrl: string;
  harnessPort: number;
  /** Test names, `TraceContextTest.test_traceparent_duplicated`; all without. */
  patterns?: string[];
}

/** Runs the suite at its strictest level against a service. */
export async function runSuite(suite: Suite, { serviceUrl, harnessPort, patterns = [] }: SuiteOptions): Promise<SuiteResult> {
  const child = spawn(suite.python, ["-B", "test.py", serviceUrl, ...patterns], {
    cwd: join(suite.folder, "test"),
    env: { ...process.env, STRICT_LEVEL: "2", SPEC_LEVEL: "2", HARNESS_HOST: "127.0.0.1", HARNESS_PORT: String(harnessPort) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
  return parseResult(output);
}

/** Reads the report of Python's unittest. A report without a count means that the suite did not come to its end. */
export function parseResult(output: string): SuiteResult {
  const total = /^Ran (\d+) tests? in/m.exec(output)?.[1];
  if (total === undefined)
    throw new Error(`the suite did not finish; its last lines:\n${output.trimEnd().split("\n").slice(-15).join("\n")}`);
  const skipped = Number(/skipped=(\d+)/.exec(output)?.[1] ?? 0);
  const failures = output
    .split(/^={70}$/m)
    .slice(1)
    .map(section => {
      const test = /^(?:FAIL|ERROR): (\S+)/m.exec(section)?.[1] ?? "?";
      const [, trace = ""] = section.split(/^-{70}$/m);
      // The message follows the trace, whose lines are indented; of a long one the first line tells what was expected.
      const reason = trace.split("\n").find(line => /^\S/.test(line) && !line.startsWith("Traceback")) ?? "";
      return { test, reason: reason.slice(0, 200) };
    });
  return { total: Number(total), skipped, failures, output };
}

/** A free port for the suite's harness: the service must know it before the suite listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise<void>(resolve => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no free port on 127.0.0.1");
  return address.port;
}
