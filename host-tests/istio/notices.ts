import type { Problem, Verdict } from "./checker.ts";

/** Istio says this of every EnvoyFilter, whatever it holds: the webhook, and an analyzer that repeats the webhook. */
const OF_ANY_ENVOY_FILTER =
  "EnvoyFilter exposes internal implementation details that may change at any time. Prefer other APIs if possible, and exercise extreme caution, especially around upgrades.";

/** What is left to correct: all problems but the sentence that no EnvoyFilter escapes. */
export function complaints({ file, problems }: Verdict): readonly (Problem & { file: string })[] {
  return problems.filter(problem => !isNotice(problem)).map(problem => ({ file, ...problem }));
}

function isNotice({ object, level, message }: Problem): boolean {
  const texts = [OF_ANY_ENVOY_FILTER, `Schema validation warning: ${OF_ANY_ENVOY_FILTER}`];
  return level === "Warning" && object !== undefined && object.startsWith("EnvoyFilter ") && texts.includes(message);
}
