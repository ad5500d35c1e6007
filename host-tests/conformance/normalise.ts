/**
 * What differs from run to run for reasons of its own, and is not compared. Everything else has to be equal.
 */
const RULES: readonly (readonly [what: string, pattern: RegExp, replacement: string])[] = [
  ["request ids", /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>"],
  ["dates", /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g, "<date>"],
  ["how long the upstream took", /(x-envoy-upstream-service-time:? ?'?)\d+/g, "$1<ms>"],
  ["the upstream's address", /127\.0\.0\.1:\d+|172\.\d+\.\d+\.\d+:\d+/g, "<address>"],
  // zlib of Envoy and of Node choose other matches for the same text.
  ["the size of compressed bytes", /(foreign\(compress\) = 0 )\d+/g, "$1<size>"],
];

export const DECLARED: readonly string[] = RULES.map(([what]) => what);

export function normalise(line: string): string {
  let text = line;
  for (const [, pattern, replacement] of RULES) text = text.replace(pattern, replacement);
  return text;
}
