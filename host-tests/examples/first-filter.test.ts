import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { envoyVersions } from "../envoy/versions.ts";

interface Step {
  /** Where in the guide, for a message. */
  line: number;
  /** A file to write, or a command to run. */
  file?: string;
  command?: string;
  /** The file's content, or lines of the output. */
  text: string;
}

const ROOT = process.cwd();
const GUIDE = "docs/first-filter.md";
const work = mkdtempSync(join(tmpdir(), "meshwright-first-filter-"));
const project = join(work, "greeter");
/** Where the filter runs: on any free port in place of the guide's 8080. */
let port = "";
let running: { child: ChildProcess; output: () => string } | undefined;

beforeAll(() => {
  // A folder beside "meshwright", as the reader has it, without installing anything.
  symlinkSync(ROOT, join(work, "meshwright"));
});
afterAll(async () => {
  running?.child.kill("SIGTERM");
  rmSync(work, { recursive: true, force: true });
});

/** One test: each step needs those before it. */
describe("the guide to a first filter", () => {
  it("does what it shows", async () => {
    for (const step of stepsOf(readFileSync(GUIDE, "utf8"))) {
      if (step.file) {
        mkdirSync(dirname(join(project, step.file)), { recursive: true });
        writeFileSync(join(project, step.file), step.text);
      } else expectLines(await perform(step.command ?? ""), step);
    }
  }, 600_000);
});

/** Blocks of the guide: `ts <file>` is a file, `console` has commands behind `$` with their output, and one without a name is what the running filter shows. */
function stepsOf(guide: string): Step[] {
  const steps: Step[] = [];
  for (const match of guide.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)) {
    const [, info = "", body = ""] = match;
    const line = guide.slice(0, match.index).split("\n").length;
    const file = /^ts (\S+)$/.exec(info)?.[1];
    if (file) steps.push({ line, file, text: body });
    else if (info === "") steps.push({ line, command: "(what npm start shows)", text: body });
    else if (info === "console") {
      for (const part of body.split(/^\$ /m).slice(1)) {
        const [command = "", ...output] = part.split("\n");
        steps.push({ line, command, text: output.join("\n") });
      }
    }
  }
  return steps;
}

/** Runs a command of the guide and answers what it printed, whether or not it succeeds. */
async function perform(command: string): Promise<string> {
  if (/^(git clone|npm run build && npm pack)/.test(command)) return "";
  if (command.startsWith("node dist/cli.js")) return shell(command, join(work, "meshwright"), true);
  if (command === "cd ../greeter && npm install") {
    // Each by a link of its own: in one folder for all, a vitest reads the cache that another one is writing.
    mkdirSync(join(project, "node_modules"));
    for (const name of readdirSync(join(ROOT, "node_modules")).filter(each => !each.startsWith(".vite")))
      symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
    const text = readFileSync(join(project, "package.json"), "utf8");
    writeFileSync(join(project, "package.json"), text.replace("--port 8080", "--port 0"));
    return "";
  }
  if (command === "npm start") return start();
  if (command.startsWith("curl")) return shell(command.replace("8080", port));
  if (command === "(what npm start shows)") return until(output => output.includes("span "));
  // Said in words: the second scenario of the guide on both hosts.
  if (command.includes("--reporter=verbose")) {
    const file = join(project, "test/required.test.ts");
    writeFileSync(file, readFileSync(file, "utf8").replace('{ hosts: ["emulator"] }', "{}"));
  }
  return shell(command);
}

function shell(command: string, cwd = project, inRepository = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const where = inRepository ? command.replace("../greeter", project) : command;
    // Both streams in one, in the order in which a terminal shows them.
    execFile("sh", ["-c", `( ${where} ) 2>&1`], { cwd, env: environment(), timeout: 300_000 }, (error, out) => {
      if (error?.killed) reject(new Error(`${command} did not end:\n${out}`));
      else resolve(out.replaceAll(project, "../greeter"));
    });
  });
}

/** As in a terminal of the reader's: nothing of the vitest that runs this test. */
function environment(): NodeJS.ProcessEnv {
  const { MESHWRIGHT_BUILD: _, FORCE_COLOR: __, ...env } = process.env;
  const own = Object.entries(env).filter(([name]) => !/^(VITEST|NODE_ENV|npm_|DEV$|PROD$|SSR$|MODE$|TEST$|BASE_URL$)/.test(name));
  return { ...Object.fromEntries(own), NO_COLOR: "1", MESHWRIGHT_ENVOY_VERSIONS: envoyVersions().at(-1) };
}

async function start(): Promise<string> {
  // npm would keep the signal that ends this from the command below it.
  const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
  const [, ...args] = String(scripts.start).split(" ");
  const child = spawn(process.execPath, [join(ROOT, "dist", "cli.js"), ...args], { cwd: project, env: environment() });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", data => (output += data));
  running = { child, output: () => output };
  const shown = await until(text => text.includes("Ctrl-C stops") || child.exitCode !== null);
  port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(shown)?.[1] ?? "";
  return shown.replaceAll(`127.0.0.1:${port}`, "127.0.0.1:8080");
}

async function until(condition: (output: string) => boolean): Promise<string> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const output = running?.output() ?? "";
    if (condition(output)) return output;
    if (Date.now() > deadline) throw new Error(`npm start has shown only:\n${output}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** The lines of the guide are among those of the output, in order. Numbers, ids and times may be others; "…" is any text. */
function expectLines(output: string, { line, command, text }: Step): void {
  const lines = output.split("\n").map(plain);
  let at = 0;
  for (const shown of text.split("\n").filter(each => each.trim() !== "")) {
    const found = lines.findIndex((each, index) => index >= at && matches(each, plain(shown)));
    expect(found, `${GUIDE}:${line}: $ ${command} does not print "${shown}"; it prints:\n${output}`).toBeGreaterThanOrEqual(0);
    at = found + 1;
  }
}

function matches(line: string, shown: string): boolean {
  return shown.startsWith("…") ? line.endsWith(shown.slice(1)) : line === shown;
}

function plain(line: string): string {
  return line
    .trim()
    .replace(/\[envoy [\d.]+\]/, "[envoy V]")
    .replace(/[0-9a-f]{16,}/g, "ID")
    .replace(/\b\d+(\.\d+)? ?(ms|s|bytes)\b/g, "N");
}
