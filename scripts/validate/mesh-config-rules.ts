import { shown } from "../manifests/index.ts";
import type { Finding, Keys } from "./finding.ts";
import { checkFormat, checkStateFormats } from "./format-rules.ts";
import { asList, asObject, isObject, type Json, walk } from "./json-value.ts";

/** Providers that every mesh has. */
const BUILT_IN = ["prometheus", "stackdriver", "envoy"];

/** `meshConfig` of Helm values, of an IstioOperator, or of the ConfigMap istio: what is in its extensionProviders. */
export function checkMeshConfig(meshConfig: Json, keys: Keys): Finding[] {
  const at = [...keys, "extensionProviders"];
  const seen = new Set<unknown>();
  return asList(meshConfig.extensionProviders).flatMap((each, index): Finding[] => {
    const own = [...at, index];
    if (!isObject(each)) return [{ keys: own, expected: "an object", found: shown(each) }];
    const { name, ...kinds } = each;
    const findings: Finding[] = [];
    if (typeof name !== "string" || name === "") findings.push({ keys: [...own, "name"], expected: "a name", found: shown(name) });
    if (seen.has(name))
      findings.push({ keys: [...own, "name"], expected: "a name of its own", found: `${shown(name)} for the second time` });
    seen.add(name);
    const count = Object.keys(kinds).length;
    if (count !== 1) findings.push({ keys: own, expected: "one kind of provider beside the name", found: String(count) });
    return [...findings, ...endpoint(kinds, own), ...formats(kinds, own)];
  });
}

export function providerNames(meshConfig: Json): string[] {
  return [...BUILT_IN, ...asList(meshConfig.extensionProviders).map(each => String(asObject(each).name))];
}

function endpoint(kinds: Json, keys: Keys): Finding[] {
  return ["opentelemetry", "envoyOtelAls"].flatMap(kind => {
    if (!(kind in kinds)) return [];
    const { service, port } = asObject(kinds[kind]);
    const missing = [...(service ? [] : ["service"]), ...(typeof port === "number" && port > 0 ? [] : ["port"])];
    return missing.map(key => ({
      keys: [...keys, kind, key],
      expected: key === "port" ? "a port's number" : "the collector's host",
      found: "none",
    }));
  });
}

function formats(kinds: Json, keys: Keys): Finding[] {
  const findings = checkStateFormats(kinds, keys);
  for (const { value, keys: at } of walk(kinds, keys)) if (at.includes("logFormat")) findings.push(...checkFormat(value, at));
  return findings;
}
