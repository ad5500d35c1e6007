import { drawTrees, spanTrees } from "../otlp/index.ts";
import type { Followed } from "./follow.ts";
import type { FoundSpan } from "./span-lines.ts";

const SHOWN = /^(server|x-request-id|x-envoy-.*|via|location)$/;

/** The request's way, for the terminal. */
export function followedLines({ traceparent, status, headers, log, spans, missing }: Followed): string[] {
  return [
    `sent       traceparent: ${traceparent}`,
    `answered   ${status}`,
    ...Object.entries(headers).flatMap(([name, value]) => (SHOWN.test(name) ? [`           ${name}: ${value}`] : [])),
    ...log.flatMap(({ file, lines }) => lines.map(line => `log        ${file}: ${line}`)),
    ...drawTrees(spanTrees(spans), describe).map(line => `span       ${line}`),
    ...missing.map(what => `missing    ${what}`),
  ];
}

function describe({ service, name, durationMs, attributes }: FoundSpan): string {
  const own = Object.entries(attributes).filter(([key]) => !OF_ENVOY.test(key));
  return `${service} "${name}" ${durationMs.toFixed(1)} ms  ${own.map(([key, value]) => `${key}=${value}`).join(" ")}`.trimEnd();
}

/** What Envoy puts on each span of its own accord. */
const OF_ENVOY =
  /^(component|node_id|zone|guid:x-request-id|http\..*|url\..*|server\..*|downstream_cluster|user_agent|request_size|response_size|response_flags|upstream_.*|peer\..*|network\..*|client\..*)$/;
