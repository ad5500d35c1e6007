import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { ask } from "./ask.ts";
import { type FoundSpan, spansIn } from "./span-lines.ts";

export interface FollowOptions {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Files of access logs that must have a line of the request. */
  readonly accessLogs: readonly string[];
  /** Files that the Collector's file exporter writes, one of which must have a span of it. */
  readonly spanFiles: readonly string[];
  /** How long lines and spans may take to be written. */
  readonly patienceMs: number;
}

/** What became of one request. */
export interface Followed {
  readonly traceparent: string;
  readonly traceId: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: readonly { readonly file: string; readonly lines: readonly string[] }[];
  readonly spans: readonly FoundSpan[];
  /** What was asked for and did not come. */
  readonly missing: readonly string[];
}

/** Sends a request with a trace of its own and looks for it in logs and spans until it is everywhere, or patience ends. */
export async function follow({ url, method, headers, accessLogs, spanFiles, patienceMs }: FollowOptions): Promise<Followed> {
  const traceId = randomBytes(16).toString("hex");
  const traceparent = `00-${traceId}-${randomBytes(8).toString("hex")}-01`;
  // The last one wins, so that a traceparent that was given does not hide ours.
  const sent = new Headers(headers.map(([name, value]) => [name, value]));
  sent.set("traceparent", traceparent);
  const answer = await ask(url, { method, headers: Object.fromEntries(sent), timeoutMs: patienceMs });
  const look = () => ({
    log: accessLogs.map(file => ({ file, lines: linesOf(file).filter(line => line.includes(traceId)) })),
    spans: spanFiles.flatMap(file => spansIn(linesOf(file), traceId)),
  });
  const deadline = Date.now() + patienceMs;
  let seen = look();
  let count = 0;
  // When all is there, one more look: the spans of one trace come from several proxies.
  while (Date.now() < deadline && (isMissing(seen, spanFiles.length > 0) || seen.spans.length > count)) {
    count = seen.spans.length;
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS));
    seen = look();
  }
  return {
    traceparent,
    traceId,
    ...answer,
    ...seen,
    missing: [
      ...seen.log.filter(({ lines }) => lines.length === 0).map(({ file }) => `a line with the trace id in ${file}`),
      ...(spanFiles.length > 0 && seen.spans.length === 0 ? [`a span of the trace in ${spanFiles.join(", ")}`] : []),
    ],
  };
}

const LOOK_EVERY_MS = 500;

const isMissing = ({ log, spans }: Pick<Followed, "log" | "spans">, wantsSpans: boolean): boolean =>
  log.some(({ lines }) => lines.length === 0) || (wantsSpans && spans.length === 0);

/** A file that is not there yet has no lines. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
