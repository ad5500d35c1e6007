import { execFile } from "node:child_process";

export interface Outcome {
  readonly status: number | string | null | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs `meshwright manifest` of the bundled command line, as a user does. */
export const manifest = (...args: string[]): Promise<Outcome> => run(["manifest", ...args]);

/** Runs the bundled command line. */
export function run(args: readonly string[]): Promise<Outcome> {
  return new Promise(resolve => {
    execFile(process.execPath, ["dist/cli.js", ...args], (error, out, err) => {
      resolve({ status: error ? error.code : 0, out, err });
    });
  });
}

/** Runs the bundled command line with `input` as its standard input. */
export function withInput(input: string, args: readonly string[]): Promise<Outcome> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, ["dist/cli.js", ...args], (error, out, err) => {
      resolve({ status: error ? error.code : 0, out, err });
    });
    child.stdin?.end(input);
  });
}
