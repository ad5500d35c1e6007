import { compareVersions } from "../envoy/versions.ts";
import { shown, WASM } from "../manifests/index.ts";
import type { Finding, Keys } from "./finding.ts";
import { checkOwn } from "./json-schema.ts";
import { asList, asObject, asText, isObject, type Json, walk } from "./json-value.ts";
import type { Plugin } from "./plugin.ts";
import { WASM_SCHEMA } from "./wasm-schema.ts";

/** Envoy's block of a Wasm filter. */
export interface WasmBlock {
  readonly keys: Keys;
  /** Names as in protobuf. */
  readonly value: Json;
}

/** All that are in a document, also in TypedStruct, which EnvoyFilters of old have. */
export function wasmBlocks(document: unknown, at: Keys = []): WasmBlock[] {
  const blocks: WasmBlock[] = [];
  for (const { value, keys } of walk(document, at)) {
    if (!isObject(value)) continue;
    if (value["@type"] === WASM) blocks.push({ keys, value: protoNames(value) as Json });
    const isStruct = /type\.googleapis\.com\/(udpa\.type\.v1|xds\.type\.v3)\.TypedStruct$/.test(asText(value["@type"]));
    if (isStruct && (value.type_url ?? value.typeUrl) === WASM && isObject(value.value)) {
      blocks.push({ keys: [...keys, "value"], value: protoNames(value.value) as Json });
    }
  }
  return blocks;
}

export interface Surroundings {
  /** Istio's agent pulls what it is told by ECDS; everything else Envoy fetches itself, by HTTP. */
  readonly isPulled: boolean;
  /** Null: whichever. */
  readonly envoyVersion: string | null;
}

export function checkWasmBlock({ keys, value }: WasmBlock, around: Surroundings): Finding[] {
  const structure = checkOwn(WASM_SCHEMA, value).map(({ keys: own, expected, found }) => ({ keys: [...keys, ...own], expected, found }));
  const config = asObject(value.config);
  return [
    ...structure,
    ...checkCode(asObject(config.vm_config), [...keys, "config", "vm_config"], around),
    ...checkAge(config, keys, around),
  ];
}

function checkCode(vm: Json, vmKeys: Keys, { isPulled }: Surroundings): Finding[] {
  const { local, remote } = asObject(vm.code);
  const keys = [...vmKeys, "code"];
  if (isObject(local) && "inline_string" in local) {
    const hint = "a compiled module is bytes: take filename, or remote";
    return [{ keys: [...keys, "local", "inline_string"], expected: "a .wasm module", found: "text", hint }];
  }
  if (!isObject(remote)) return [];
  const findings: Finding[] = [];
  const uri = asText(asObject(remote.http_uri).uri);
  const isHttp = /^https?:\/\//.test(uri) && URL.canParse(uri);
  if (uri && !isHttp && !(isPulled && /^oci:\/\//.test(uri))) {
    const expected = isPulled ? "a URL that begins with oci://, https:// or http://" : "a URL that begins with http:// or https://";
    const hint = uri.startsWith("oci:")
      ? "Envoy pulls no images; Istio's agent does for applyTo EXTENSION_CONFIG with config_discovery"
      : undefined;
    findings.push({ keys: [...keys, "remote", "http_uri", "uri"], expected, found: shown(uri), ...(hint ? { hint } : {}) });
  }
  const sha256 = asText(remote.sha256);
  if (sha256 && !/^[a-fA-F0-9]{64}$/.test(sha256) && !(isPulled && sha256 === "nil")) {
    findings.push({ keys: [...keys, "remote", "sha256"], expected: "64 hexadecimal digits", found: shown(sha256) });
  }
  return findings;
}

/** What came and went between versions. */
function checkAge(config: Json, keys: Keys, { envoyVersion }: Surroundings): Finding[] {
  const at = (...names: string[]): Keys => [...keys, "config", ...names];
  const findings: Finding[] = [];
  if ("fail_open" in config) {
    findings.push({
      keys: at("fail_open"),
      expected: "failure_policy: FAIL_OPEN",
      found: "fail_open, which is deprecated",
      isWarning: true,
    });
  }
  if (envoyVersion === null) return findings;
  const isNew = compareVersions(envoyVersion, "1.40") >= 0;
  if (isNew && "capability_restriction_config" in config) {
    const found = `capability_restriction_config here, which Envoy ${envoyVersion} calls deprecated`;
    findings.push({ keys: at("capability_restriction_config"), expected: "it in vm_config", found, isWarning: true });
  }
  if (!isNew && "capability_restriction_config" in asObject(config.vm_config)) {
    const found = `capability_restriction_config, which vm_config has since Envoy 1.40`;
    findings.push({ keys: at("vm_config", "capability_restriction_config"), expected: "it beside vm_config", found });
  }
  return findings;
}

/** The plugin that the block configures. */
export function wasmPlugin({ keys, value }: WasmBlock): { plugin: Plugin; findings: Finding[] } {
  const config = asObject(value.config);
  const vm = asObject(config.vm_config);
  const { local, remote } = asObject(vm.code);
  const env = asObject(vm.environment_variables);
  const sha256 = asText(asObject(remote).sha256);
  const { parsed, isText, findings } = configurationOf(asObject(config.configuration), [...keys, "config", "configuration"]);
  const plugin = {
    keys,
    name: asText(config.root_id),
    nameKeys: [...keys, "config", "root_id"],
    code: asText(asObject(asObject(remote).http_uri).uri) || asText(asObject(local).filename),
    codeKeys: [...keys, "config", "vm_config", "code"],
    digest: /^[a-f0-9]{64}$/.test(sha256) ? `sha256:${sha256}` : null,
    config: parsed,
    configKeys: [...keys, "config", "configuration", "value"],
    isText,
    env: [...asList(env.host_env_keys).map(asText), ...Object.keys(asObject(env.key_values))],
    allowed: allowedOf(config, keys),
  };
  return { plugin, findings };
}

function allowedOf(config: Json, keys: Keys): Plugin["allowed"] {
  const place = isObject(config.capability_restriction_config) ? ["config"] : ["config", "vm_config"];
  const holder = place.length === 1 ? config : asObject(config.vm_config);
  const { allowed_capabilities } = asObject(holder.capability_restriction_config);
  if (!isObject(allowed_capabilities)) return null;
  return { names: Object.keys(allowed_capabilities), keys: [...keys, ...place, "capability_restriction_config", "allowed_capabilities"] };
}

/** A text of JSON, as filters take it, or a Struct. */
function configurationOf(configuration: Json, keys: Keys): { parsed: unknown; isText: boolean; findings: Finding[] } {
  const type = asText(configuration["@type"]);
  const { value } = configuration;
  if (type.endsWith("google.protobuf.Struct")) return { parsed: value, isText: false, findings: [] };
  if (!type.endsWith("google.protobuf.StringValue") || typeof value !== "string" || !/^\s*[{[]/.test(value)) {
    return { parsed: undefined, isText: true, findings: [] };
  }
  try {
    return { parsed: JSON.parse(value), isText: true, findings: [] };
  } catch (error) {
    const finding = { keys: [...keys, "value"], expected: "JSON", found: (error as Error).message };
    return { parsed: undefined, isText: true, findings: [finding] };
  }
}

/** `rootId` to `root_id`, which means the same; not where keys are data. */
function protoNames(value: unknown, isData = false): unknown {
  if (Array.isArray(value)) return value.map(each => protoNames(each));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, each]) => {
    const name = isData || key.startsWith("@") ? key : key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
    const holdsData = ["allowed_capabilities", "key_values", "value"].includes(name) || isData;
    return [name, protoNames(each, holdsData)];
  });
  return Object.fromEntries(entries);
}
