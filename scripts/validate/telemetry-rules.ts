import { checkExpression } from "./cel.ts";
import type { Finding } from "./finding.ts";
import { checkFormat, checkStateFormats } from "./format-rules.ts";
import { asList, asObject, type Json } from "./json-value.ts";

/** What istiod accepts of a Telemetry and then does without. */
export function checkTelemetry(spec: Json): Finding[] {
  return [...single(spec), ...tracing(spec), ...accessLogging(spec), ...metrics(spec)];
}

/** Of tracing Istio supports one entry with one provider. */
function single(spec: Json): Finding[] {
  const entries = asList(spec.tracing);
  const many: Finding[] = entries.length > 1 ? [one(["spec", "tracing"], "tracing", entries.length)] : [];
  const providers = entries.flatMap((entry, index) => {
    const { length } = asList(asObject(entry).providers);
    return length > 1 ? [one(["spec", "tracing", index, "providers"], "provider", length)] : [];
  });
  return [...many, ...providers];
}

function one(keys: Finding["keys"], what: string, length: number): Finding {
  return { keys, expected: "one entry", found: String(length), hint: `istiod supports one ${what} and leaves out the others` };
}

function tracing(spec: Json): Finding[] {
  return asList(spec.tracing).flatMap((entry, index) => {
    const { customTags, providers, disableSpanReporting } = asObject(entry);
    const keys = ["spec", "tracing", index];
    const tags = Object.entries(asObject(customTags)).flatMap(([name, tag]) =>
      checkFormat(asObject(asObject(tag).formatter).value, [...keys, "customTags", name, "formatter", "value"]),
    );
    const hint = "without one istiod takes meshConfig.defaultProviders.tracing, and traces nothing where that is not set";
    const isOff = disableSpanReporting === true;
    const none: Finding[] =
      asList(providers).length > 0 || isOff ? [] : [{ keys, expected: "a provider", found: "none", hint, isWarning: true }];
    return [...none, ...tags, ...checkStateFormats(customTags, [...keys, "customTags"])];
  });
}

function accessLogging(spec: Json): Finding[] {
  return asList(spec.accessLogging).flatMap((entry, index) =>
    checkExpression(asObject(asObject(entry).filter).expression, ["spec", "accessLogging", index, "filter", "expression"]),
  );
}

/** istiod hands these expressions on unread. */
function metrics(spec: Json): Finding[] {
  return asList(spec.metrics).flatMap((entry, index) =>
    asList(asObject(entry).overrides).flatMap((override, number) =>
      Object.entries(asObject(asObject(override).tagOverrides)).flatMap(([name, tag]) =>
        checkExpression(asObject(tag).value, ["spec", "metrics", index, "overrides", number, "tagOverrides", name, "value"]),
      ),
    ),
  );
}
