import type { AttributeValue } from "../otlp/index.ts";
import type { FilterLine } from "./filter-log.ts";
import type { LiveEvent } from "./live.ts";
import type { RequestReport } from "./session.ts";

/** What Envoy puts on every span; listed last and in one line. */
const OF_ENVOY =
  /^(http\.|component$|guid:x-request-id$|peer\.|user_agent$|downstream_cluster$|node_id$|zone$|request_size$|response_size$|response_flags$|upstream_)/;

export const isOfEnvoy = (attribute: string): boolean => OF_ENVOY.test(attribute);

/** One request, as lines for a person. */
export function requestLines(request: RequestReport): string[] {
  const lines = [`${request.method ?? "?"} ${request.path ?? "?"} → ${request.status} in ${request.ms} ms${why(request)}`];
  const column = (label: string, texts: string[]): void => {
    texts.forEach((text, index) => {
      lines.push(`  ${(index === 0 ? label : "").padEnd(14)}${text}`);
    });
  };
  if (request.upstream) {
    column(
      "upstream got",
      request.upstream.added.map(([name, value]) => `${name}: ${printable(value)}`),
    );
    column(
      "and not",
      request.upstream.removed.map(([name, value]) => `${name}: ${printable(value)}`),
    );
  }
  for (const span of request.spans) {
    const parent = span.parentSpanId ? `, child of ${span.parentSpanId}` : "";
    column("span", [`${span.kind} ${span.name}, trace ${span.traceId}, id ${span.spanId}${parent}`]);
    const own = Object.entries(span.attributes).filter(([name]) => !isOfEnvoy(name));
    column(
      "",
      own.map(([name, value]) => `${name} = ${printable(attributeText(value))}`),
    );
  }
  if (request.spans.length === 0) column("span", ["none was exported: the request is not sampled"]);
  return lines;
}

export function filterLine(line: FilterLine): string {
  const source = (line.source ?? []).map(text => `\n${" ".repeat(23)}${printable(text)}`);
  return `  ${`log ${line.level}`.padEnd(14)}${printable(line.text)}${source.join("")}`;
}

/** What happened to the code or the configuration, as lines for a person; nothing for what the command says itself. */
export function liveLines(event: LiveEvent): string[] {
  if (event.kind === "started") {
    const { refused } = event.session;
    return refused ? [`refused: ${reason(refused)}`, ANSWERS_500] : [];
  }
  if (event.kind === "failed")
    return [`${event.what} failed: ${printable(event.error.message, "\n")}`, event.what === "start" ? NOTHING_RUNS : GOES_ON];
  const { what, buildMs, reload } = event;
  if (reload.unchanged) return [`${what} as before: nothing to reload`];
  const built = buildMs === null ? "" : `built in ${duration(buildMs)}, `;
  if (reload.accepted) return [`reloaded ${what}: ${built}taken over in ${duration(reload.milliseconds)}`];
  return [`refused ${what}: ${reason(reload.reasons)}`, reload.isServing ? GOES_ON : ANSWERS_500];
}

const NOTHING_RUNS = "nothing runs; the next change tries again, Ctrl-C ends";
const GOES_ON = "what was there before goes on";
const ANSWERS_500 = "Envoy answers requests with 500 until it takes a version";

/** The filter's own words, or else what Envoy says last. */
function reason(lines: readonly string[]): string {
  const own = lines.flatMap(line => /wasm: wasm log[^:]*: (.*)$/.exec(line)?.[1] ?? []);
  const failed = lines.flatMap(line => /wasm: (Function: .* failed.*|Wasm VM failed.*)$/.exec(line)?.[1] ?? []);
  const told = own.length > 0 ? own : failed.length > 0 ? failed.slice(0, 1) : lines.slice(-1);
  return told.map(line => printable(line)).join("; ");
}

const duration = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

function why(request: RequestReport): string {
  const { details } = request;
  return details && details !== "via_upstream" ? ` (${details})` : "";
}

export function attributeText(value: AttributeValue): string {
  return typeof value === "string"
    ? value
    : JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
}

/** A header may hold anything, a terminal should not; except for what is in `allowed`. */
function printable(text: string, allowed = ""): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, character =>
    allowed.includes(character) ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
