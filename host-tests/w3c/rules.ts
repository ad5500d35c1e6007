import { baggageRules } from "./baggage-rules.ts";
import type { Rule } from "./rule.ts";
import { traceparentRules } from "./traceparent-rules.ts";
import { tracestateRules } from "./tracestate-rules.ts";

export type { Field, Rule } from "./rule.ts";

/**
 * What W3C Trace Context level 2 and W3C Baggage demand of a participant that renews the parent-id, beyond what the W3C's suite tests.
 * Where the specifications leave a choice, the choice and its reason are in README.md.
 */
export const rules: Rule[] = [...traceparentRules, ...tracestateRules, ...baggageRules];
