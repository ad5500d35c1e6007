import { checkRules } from "./cel.ts";
import type { Crds } from "./crds.ts";
import { checkEnvoyFilter, envoyFilterBlocks } from "./envoy-filter-rules.ts";
import type { Finding } from "./finding.ts";
import { checkFormat, checkStateFormats } from "./format-rules.ts";
import { checkIstioPlugin, istioPlugin } from "./istio-plugin-rules.ts";
import { checkStructure } from "./json-schema.ts";
import { asList, asObject, asText, isObject, type Json, walk } from "./json-value.ts";
import { checkMeshConfig } from "./mesh-config-rules.ts";
import type { Plugin } from "./plugin.ts";
import { checkTargets } from "./target-rules.ts";
import { checkTelemetry } from "./telemetry-rules.ts";
import { checkIstioVersion } from "./version-rules.ts";
import { checkWasmBlock, wasmBlocks, wasmPlugin } from "./wasm-block.ts";

export interface Versions {
  /** The oldest of the mesh; null: whichever. */
  readonly istio: string | null;
  readonly envoy: string | null;
}

/** What one document says, without its neighbours and modules. */
export interface Checked {
  readonly findings: readonly Finding[];
  readonly plugins: readonly Plugin[];
  /** Where the document is of a mesh's own configuration. */
  readonly meshConfig: Json | null;
  /** Why it was not looked into; null when it was. */
  readonly passedOver: string | null;
}

export function checkDocument(value: unknown, crds: () => Crds, versions: Versions): Checked {
  const nothing = { findings: [], plugins: [], meshConfig: null };
  if (isJsonPatch(value)) return { ...nothing, passedOver: "a patch: validate what kustomize makes of it" };
  const document = asObject(value);
  const kind = asText(document.kind);
  const apiVersion = asText(document.apiVersion);
  if (kind && apiVersion) {
    if ("$patch" in document) return { ...nothing, passedOver: "a patch: validate what kustomize makes of it" };
    if (kind === "IstioOperator") return meshConfigOf(asObject(document.spec), ["spec"], "IstioOperator without meshConfig");
    return /\.istio\.io\//.test(apiVersion)
      ? istioObject(document, crds(), versions)
      : { ...nothing, passedOver: `${kind} of ${apiVersion}` };
  }
  if (isObject(document.meshConfig)) return meshConfigOf(document, [], "");
  const isEnvoy = ["static_resources", "staticResources", "resources", "http_filters", "httpFilters"].some(key => key in document);
  return isEnvoy
    ? envoyDocument(document, versions)
    : { ...nothing, passedOver: "neither an object of Kubernetes, nor Envoy's, nor Helm values" };
}

function istioObject(document: Json, { kinds }: Crds, versions: Versions): Checked {
  const { kind, apiVersion } = document as { kind: string; apiVersion: string };
  const crd = kinds.find(each => each.kind === kind && each.apiVersion === apiVersion);
  if (!crd) {
    const known = kinds.filter(each => each.kind === kind).map(each => each.apiVersion);
    const group = kinds.filter(each => each.apiVersion.split("/")[0] === apiVersion.split("/")[0]);
    const wrongKind: Finding = { keys: ["kind"], expected: `one of ${[...new Set(group.map(each => each.kind))].join(", ")}`, found: kind };
    const wrongVersion: Finding = { keys: ["apiVersion"], expected: known.join(" or "), found: apiVersion };
    return { findings: [known.length > 0 ? wrongVersion : wrongKind], plugins: [], meshConfig: null, passedOver: null };
  }
  const spec = asObject(document.spec);
  const own = ofKind(kind, spec, versions);
  const age = versions.istio === null ? [] : checkIstioVersion(kind, apiVersion, spec, versions.istio);
  const findings = [
    ...nameless(document),
    ...checkStructure(crd, document),
    ...own.findings,
    ...age,
    ...checkTargets(spec),
    ...checkRules(crd, document),
  ];
  return { findings: onePerPlace(findings), plugins: own.plugins, meshConfig: null, passedOver: null };
}

function ofKind(kind: string, spec: Json, versions: Versions): Pick<Checked, "findings" | "plugins"> {
  if (kind === "WasmPlugin") return { findings: checkIstioPlugin(spec, ["spec"]), plugins: [istioPlugin(spec, ["spec"])] };
  if (kind === "TrafficExtension") {
    if (!isObject(spec.wasm)) return { findings: [], plugins: [] };
    return { findings: checkIstioPlugin(spec.wasm, ["spec", "wasm"]), plugins: [istioPlugin(spec.wasm, ["spec", "wasm"])] };
  }
  if (kind === "Telemetry") return { findings: checkTelemetry(spec), plugins: [] };
  if (kind !== "EnvoyFilter") return { findings: [], plugins: [] };
  const found = envoyFilterBlocks(spec).map(({ block }) => wasmPlugin(block));
  const findings = [
    ...checkEnvoyFilter(spec, versions.envoy),
    ...found.flatMap(each => each.findings),
    ...checkStateFormats(spec, ["spec"]),
  ];
  return { findings, plugins: found.map(({ plugin }) => plugin) };
}

/** Envoy's own configuration: of it what Wasm and span attributes need. The rest is for `envoy --mode validate`. */
function envoyDocument(document: Json, versions: Versions): Checked {
  const blocks = wasmBlocks(document);
  const found = blocks.map(wasmPlugin);
  const inBlocks = blocks.flatMap(block => checkWasmBlock(block, { isPulled: false, envoyVersion: versions.envoy }));
  const findings = [...inBlocks, ...found.flatMap(each => each.findings), ...tagFormats(document), ...checkStateFormats(document, [])];
  return { findings, plugins: found.map(({ plugin }) => plugin), meshConfig: null, passedOver: null };
}

function tagFormats(document: Json): Finding[] {
  const findings: Finding[] = [];
  for (const { value, keys } of walk(document)) {
    const tags = isObject(value) ? asList(value.custom_tags ?? value.customTags) : [];
    for (const [index, tag] of tags.entries()) findings.push(...checkFormat(asObject(tag).value, [...keys, "custom_tags", index, "value"]));
  }
  return findings;
}

function meshConfigOf(holder: Json, keys: readonly string[], otherwise: string): Checked {
  const { meshConfig } = holder;
  if (!isObject(meshConfig)) return { findings: [], plugins: [], meshConfig: null, passedOver: otherwise };
  return { findings: checkMeshConfig(meshConfig, [...keys, "meshConfig"]), plugins: [], meshConfig, passedOver: null };
}

function nameless(document: Json): Finding[] {
  const { name, generateName } = asObject(document.metadata);
  return name === undefined && generateName === undefined ? [{ keys: ["metadata", "name"], expected: "a name", found: "nothing" }] : [];
}

/** Of two rules that tell of the same value the first one tells it better. */
function onePerPlace(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ keys }) => {
    const place = JSON.stringify(keys);
    return !seen.has(place) && seen.add(place);
  });
}

function isJsonPatch(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(each => isObject(each) && "op" in each && "path" in each);
}
