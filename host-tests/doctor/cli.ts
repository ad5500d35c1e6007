import { execFile } from "node:child_process";

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** The bundled command line, as a user runs it. */
export function meshwright(args: readonly string[], input = ""): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ["dist/cli.js", ...args], { maxBuffer: 1 << 26 }, (error, out, err) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve({ status: Number(error?.code ?? 0), out, err });
    });
    child.stdin?.end(input);
  });
}
