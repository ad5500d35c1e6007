import { Environment } from "@marcbachmann/cel-js";
import { shown } from "../manifests/index.ts";
import type { Crd, Schema } from "./crds.ts";
import type { Finding, Keys } from "./finding.ts";

class Url {
  readonly scheme: string;
  constructor(text: string) {
    this.scheme = new URL(text).protocol.replace(":", "");
  }
}

/** CEL as the API server has it, as far as Istio's rules use it. */
const kubernetes = new Environment({ unlistedVariablesAreDyn: true })
  .registerType("URL", Url)
  .registerFunction("isURL(string): bool", (text: string) => URL.canParse(text))
  .registerFunction("url(string): URL", (text: string) => new Url(text))
  .registerFunction("URL.getScheme(): string", (url: Url) => url.scheme);

/** The rules that Istio's definitions have beside the schema (`x-kubernetes-validations`). */
export function checkRules({ schema }: Crd, value: unknown): Finding[] {
  return below(schema, value, []);
}

function below(schema: Schema, value: unknown, keys: Keys): Finding[] {
  if (value === undefined || value === null) return [];
  const own = (schema["x-kubernetes-validations"] ?? []).flatMap(({ rule, message = rule }) =>
    holds(rule, value) ? [] : [{ keys, expected: `what Istio demands (${message})`, found: shown(value) }],
  );
  if (Array.isArray(value)) {
    const { items } = schema;
    return [...own, ...(items ? value.flatMap((item, index) => below(items, item, [...keys, index])) : [])];
  }
  if (typeof value !== "object") return own;
  const { properties = {}, additionalProperties } = schema;
  const inner = Object.entries(value).flatMap(([key, each]) => {
    const of = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    return typeof of === "object" ? below(of, each, [...keys, key]) : [];
  });
  return [...own, ...inner];
}

/** A value of a wrong type makes the rule fail to run; the schema has told of the type. */
function holds(rule: string, self: unknown): boolean {
  try {
    return kubernetes.evaluate(rule, { self }) !== false;
  } catch {
    return true;
  }
}

const syntax = new Environment({ unlistedVariablesAreDyn: true });

/** Expressions that Envoy evaluates. istiod does not read all of them, and a broken one is then dropped by the proxy. */
export function checkExpression(expression: unknown, keys: Keys): Finding[] {
  if (typeof expression !== "string") return [];
  try {
    syntax.parse(expression);
    return [];
  } catch (error) {
    const [reason = ""] = (error as Error).message.split("\n");
    const hint = /\|(?!\|)/.test(expression.replaceAll("||", ""))
      ? "CEL has no operator | for a default: write 'x' in request.headers ? request.headers['x'] : 'unknown'"
      : undefined;
    return [{ keys, expected: "an expression in CEL", found: `${shown(expression)} (${reason})`, ...(hint ? { hint } : {}) }];
  }
}
