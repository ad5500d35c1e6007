import { shown, stateNames, WASM } from "../manifests/index.ts";
import type { Finding, Keys } from "./finding.ts";
import { asList, asObject, asText, isObject, walk } from "./json-value.ts";
import type { Plugin } from "./plugin.ts";

/** A document with what was found in it, as far as others matter to it. */
export interface Neighbour {
  readonly value: unknown;
  readonly kind: string;
  readonly plugins: readonly Plugin[];
}

/** Documents that are applied together: those of a folder. Findings by document. */
export function checkTogether(group: readonly Neighbour[]): Map<Neighbour, Finding[]> {
  const findings = new Map<Neighbour, Finding[]>();
  const add = (of: Neighbour, more: readonly Finding[]): void => void findings.set(of, [...(findings.get(of) ?? []), ...more]);
  const stored = group.some(finds) ? null : storedNames(group.flatMap(({ plugins }) => plugins));
  const seen = new Map<string, string>();
  for (const each of group) {
    if (stored) add(each, unsetState(each.value, stored));
    if (each.kind === "Telemetry") add(each, telemetryTwice(each.value, seen));
  }
  return findings;
}

/** Names under which the plugins store span attributes; null where a plugin is one of which nothing is known, or there is none. */
function storedNames(plugins: readonly Plugin[]): Set<string> | null {
  const names = plugins.map(({ name, config }) => stateNames(name, config));
  return names.length === 0 || names.includes(null) ? null : new Set(names.flatMap(each => each ?? []));
}

/** A configuration of Envoy that takes a Wasm filter from somewhere else, of which nothing is known. */
function finds({ value, kind }: Neighbour): boolean {
  if (kind) return false;
  return [...walk(value)].some(each => isObject(each.value) && asList(asObject(each.value.config_discovery).type_urls).includes(WASM));
}

/** A tag that reads what no filter writes is left off the span. */
function unsetState(document: unknown, stored: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  for (const { value, keys } of walk(document)) {
    if (typeof value !== "string") continue;
    for (const [, name = ""] of value.matchAll(/FILTER_STATE\(wasm\.span\.attributes\.([^:)]+)/g)) {
      if (stored.has(name)) continue;
      const expected =
        stored.size > 0 ? `an attribute that a filter here stores: ${[...stored].join(", ")}` : "an attribute that a filter here stores";
      findings.push({ keys, expected, found: shown(name), hint: "the tag will be missing", isWarning: true });
    }
  }
  return findings;
}

/** For the same proxies Istio takes the oldest Telemetry and leaves the others out. */
function telemetryTwice(document: unknown, seen: Map<string, string>): Finding[] {
  const { metadata, spec } = asObject(document);
  const { name, namespace } = asObject(metadata);
  const { selector, targetRef, targetRefs } = asObject(spec);
  const scope = JSON.stringify([namespace ?? "", selector ?? null, targetRefs ?? targetRef ?? null]);
  const other = seen.get(scope);
  seen.set(scope, asText(name));
  if (other === undefined || other === name) return [];
  const keys: Keys = ["metadata", "name"];
  return [
    {
      keys,
      expected: `one Telemetry for the same proxies`,
      found: `${shown(name)} beside ${shown(other)}`,
      hint: "Istio takes the oldest",
    },
  ];
}

/** Istio leaves out what names a provider that the mesh has not. */
export function checkProviders(document: unknown, known: ReadonlySet<string>): Finding[] {
  const { spec } = asObject(document);
  return ["tracing", "accessLogging", "metrics"].flatMap(part =>
    asList(asObject(spec)[part]).flatMap((entry, index) =>
      asList(asObject(entry).providers).flatMap((provider, number): Finding[] => {
        const { name } = asObject(provider);
        if (typeof name !== "string" || known.has(name)) return [];
        const keys = ["spec", part, index, "providers", number, "name"];
        return [{ keys, expected: `one of the mesh's extensionProviders: ${[...known].join(", ")}`, found: shown(name) }];
      }),
    ),
  );
}
