import { execFile } from "node:child_process";

/** What a program prints; fails with what it says. */
export function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: "utf8", maxBuffer: 2 ** 24 }, (error, out, err) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}: ${err}`, { cause: error }));
      else resolve(out);
    });
  });
}
