import { type Command, InvalidArgumentError } from "commander";
import { follow, followedLines } from "../follow/index.ts";
import { integer } from "./session-flags.ts";
import { WorkError } from "./work-error.ts";

interface Flags {
  readonly method: string;
  readonly header: readonly (readonly [string, string])[];
  readonly accessLog: readonly string[];
  readonly spans: readonly string[];
  readonly wait: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("trace")
    .description(
      "send one request with a trace of its own, and follow it: the answer, the lines of access logs, the spans that the Collector wrote",
    )
    .argument("<url>", "where to send it: http://127.0.0.1:10000/users", url)
    .option("--method <name>", "the request's method", "GET")
    .option("--header <name:value>", "a header of it; may be repeated", header, [])
    .option("--access-log <file>", "a log that has to show it; may be repeated", collect, [])
    .option("--spans <file>", "what the Collector's file exporter writes; may be repeated", collect, [])
    .option("--wait <seconds>", "how long lines and spans may take", integer, 15)
    .option("--json", "print the result as JSON")
    .action(async (target: string, { method, header: headers, accessLog, spans, wait, json }: Flags) => {
      const followed = await follow({
        url: target,
        method,
        headers,
        accessLogs: accessLog,
        spanFiles: spans,
        patienceMs: wait * 1000,
      }).catch((error: NodeJS.ErrnoException) => {
        // Where a name has several addresses, the error has no message of its own.
        const reason = (error.cause as Error | undefined)?.message ?? (error.message || error.code);
        throw new WorkError(`trace: ${target} does not answer: ${reason}; give the address of a listener`, { cause: error });
      });
      const plain = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
      console.log(json ? JSON.stringify(followed, plain, 2) : followedLines(followed).join("\n"));
      if (followed.missing.length > 0) throw new WorkError(json ? "" : "trace: not all of it was seen; meshwright doctor says why");
    });
}

function url(value: string): string {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) throw new InvalidArgumentError("Give a URL like http://127.0.0.1:10000/.");
  return value;
}

function header(value: string, before: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const [, name, text] = /^([^:\s]+):\s*(.*)$/.exec(value) ?? [];
  if (!name || text === undefined) throw new InvalidArgumentError("Give name: value.");
  return [...before, [name, text]];
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];
