import { shown } from "../manifests/index.ts";
import type { Finding, Keys } from "./finding.ts";
import { walk } from "./json-value.ts";

/** Wasm state is bytes; without a type in the format Envoy prints them as base64 in JSON. */
export function checkStateFormats(value: unknown, keys: Keys): Finding[] {
  const findings: Finding[] = [];
  for (const each of walk(value, keys)) {
    if (typeof each.value !== "string") continue;
    for (const [found, name] of each.value.matchAll(/%FILTER_STATE\((wasm\.[^:)]*)\)(?::\d+)?%/g)) {
      findings.push({
        keys: each.keys,
        expected: `%FILTER_STATE(${name}:PLAIN)%`,
        found,
        hint: "without :PLAIN the value is base64 in JSON",
      });
    }
  }
  return findings;
}

/** A format string of Envoy. istiod does not read it, and Envoy refuses the whole listener for a broken one. */
export function checkFormat(format: unknown, keys: Keys): Finding[] {
  if (typeof format !== "string" || /^(?:[^%]|%%|%[A-Z][A-Z0-9_]*(?:\(.*?\))?(?::\d+)?%)*$/s.test(format)) return [];
  const expected = "a format of Envoy's, %COMMAND% or %COMMAND(WHAT)%, and %% for a percent sign";
  return [{ keys, expected, found: shown(format), hint: "Envoy refuses the listener" }];
}
