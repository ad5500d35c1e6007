import type { AttributeValue } from "../otlp/index.ts";
import type { FilterLine } from "./filter-log.ts";
import type { RequestReport } from "./session.ts";

/** What Envoy puts on every span; listed last and in one line. */
const OF_ENVOY =
  /^(http\.|component$|guid:x-request-id$|peer\.|user_agent$|downstream_cluster$|node_id$|zone$|request_size$|response_size$|response_flags$|upstream_)/;

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
    const own = Object.entries(span.attributes).filter(([name]) => !OF_ENVOY.test(name));
    column(
      "",
      own.map(([name, value]) => `${name} = ${shown(value)}`),
    );
  }
  if (request.spans.length === 0) column("span", ["none was exported: the request is not sampled"]);
  return lines;
}

export function filterLine(line: FilterLine): string {
  return `  ${`log ${line.level}`.padEnd(14)}${printable(line.text)}`;
}

function why(request: RequestReport): string {
  const { details } = request;
  return details && details !== "via_upstream" ? ` (${details})` : "";
}

function shown(value: AttributeValue): string {
  return typeof value === "string"
    ? printable(value)
    : JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
}

/** A header may hold anything, a terminal should not. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, character => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
