import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder; every command runs there. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/**
 * Runs a Node script and resolves to its exit status.
 *
 * Input is closed, so nothing can wait for an answer. A signal is for the child to act on: it may have things to stop.
 */
export function node(script, args = [], options = {}) {
  return run(process.execPath, [script, ...args], options);
}

/** Runs the command of an installed package by its script, without a shell and without looking at PATH. */
export function bin(packagePath, args = [], options = {}) {
  return node(join(ROOT, "node_modules", packagePath), args, options);
}

/** Runs a program and resolves to its exit status; 1 when a signal ended it. */
export function run(program, args, { env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const output = quiet ? "ignore" : "inherit";
    const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ["ignore", output, output] });
    // The terminal sends Ctrl-C to the child as well; here it must only not end this process before the child is done.
    const onInterrupt = () => {};
    const onTerminate = () => child.kill("SIGTERM");
    process.on("SIGINT", onInterrupt);
    process.on("SIGTERM", onTerminate);
    child.once("error", reject);
    child.once("close", status => {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
      resolve(status ?? 1);
    });
  });
}
