import { stringify } from "yaml";
import { spanAttributeNames, spanStatePrefix } from "../../envoy-config/index.ts";
import type { Check } from "../check.ts";
import { pluginsOf, tracingOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { stateKeys } from "../formats.ts";
import { asObject, asObjects, asText, asTexts, type Json } from "../json.ts";
import { carriesTraffic, type Manager } from "../proxy.ts";
import { attributeSettings, type WasmPlugin } from "../wasm-plugin.ts";

/** What filters set for the span is read by custom tags, each under the name under which it was set. */
export const spanTags: Check = ({ proxy }) =>
  proxy.managers.filter(carriesTraffic).flatMap((manager): Report[] => {
    if (!tracingOf(manager, proxy).provider) return [];
    const tags = asObjects(asObject(manager.config.tracing).custom_tags);
    const plugins = pluginsOf(manager).filter(({ filter }) => !filter.isRefused);
    return [...plugins.flatMap(plugin => checkPlugin(plugin, tags, manager)), ...checkTags(tags, manager)];
  });

/** A span attribute, and how a tag gets at it. */
interface Attribute {
  readonly name: string;
  readonly state: string | null;
  readonly header: string | null;
}

function attributesOf(plugin: WasmPlugin): Attribute[] {
  if (plugin.own === null) return [];
  const settings = attributeSettings(plugin);
  const to = Array.isArray(settings?.to) ? asTexts(settings.to) : ["filter_state"];
  const prefix = `wasm.${spanStatePrefix(plugin.own, plugin.config)}`;
  const headers = asText(settings?.request_header_prefix) || "x-span-";
  return spanAttributeNames(plugin.own, plugin.config).map(name => ({
    name,
    state: to.includes("filter_state") ? prefix + name : null,
    header: to.includes("request_header") ? (headers + name).toLowerCase().replace(/[._]/g, "-") : null,
  }));
}

function checkPlugin(plugin: WasmPlugin, tags: readonly Json[], { where }: Manager): Report[] {
  const attributes = attributesOf(plugin).filter(({ state, header }) => state ?? header);
  const missing = attributes.filter(({ name }) => !tags.some(({ tag }) => tag === name));
  const at = `${where}, tracing.custom_tags`;
  const reports: Report[] = [];
  if (missing.length > 0) {
    const found = `${plugin.name} sets ${missing.map(({ name }) => name).join(", ")}, and no custom tag reads it`;
    const mend = `add the tags (meshwright manifest ${plugin.own} writes them; Istio 1.29 and later: customTags with formatter in Telemetry)`;
    reports.push({
      id: "span-tag-missing",
      where: at,
      found,
      mend,
      change: stringify({ custom_tags: missing.map(tagOf) }, { lineWidth: 0 }),
    });
  }
  for (const attribute of attributes) {
    const tag = tags.find(each => each.tag === attribute.name);
    const [read] = stateKeys(asText(tag?.value));
    if (!read || read.key === attribute.state || attribute.state === null) continue;
    const found = `the tag ${attribute.name} reads filter state ${read.key}, and ${plugin.name} writes ${attribute.state}`;
    const mend = "let the tag read what the filter writes; its state_prefix says what stands before the name";
    reports.push({
      id: "span-tag-prefix",
      where: at,
      found,
      mend,
      change: stringify({ custom_tags: [tagOf(attribute)] }, { lineWidth: 0 }),
    });
  }
  return reports;
}

function tagOf({ name, state, header }: Attribute): Json {
  return state ? { tag: name, value: `%FILTER_STATE(${state}:PLAIN)%` } : { tag: name, request_header: { name: header } };
}

/** The tags themselves, whoever writes the state. */
function checkTags(tags: readonly Json[], manager: Manager): Report[] {
  const where = `${manager.where}, tracing.custom_tags`;
  const written = writtenState(manager);
  const names = new Set(
    pluginsOf(manager)
      .flatMap(attributesOf)
      .map(({ name }) => name),
  );
  return tags.flatMap(({ tag, value }): Report[] =>
    stateKeys(asText(value)).flatMap(({ key, isPlain }): Report[] => {
      const change = stringify({ custom_tags: [{ tag, value: `%FILTER_STATE(${key}:PLAIN)%` }] }, { lineWidth: 0 });
      if (!isPlain && key.startsWith("wasm.")) {
        const found = `the tag ${asText(tag)} reads ${key} without :PLAIN; the span gets base64 in JSON`;
        return [{ id: "span-tag-plain", where, found, mend: "write :PLAIN behind the key", change }];
      }
      // Under another prefix: said above.
      if (written === null || written.has(key) || names.has(asText(tag)) || !key.startsWith("wasm.span.attributes.")) return [];
      const found = `the tag ${asText(tag)} reads ${key}, which no filter of this chain writes`;
      const mend = "add the attribute to the configuration of span-attributes or mesh-telemetry, or take the tag away";
      return [{ id: "span-tag-unset", where, found, mend }];
    }),
  );
}

/** Filter state of the filters of the pack; null where a Wasm filter of somebody else's, or one that has not come, may write any. */
export function writtenState(manager: Manager): ReadonlySet<string> | null {
  const plugins = pluginsOf(manager);
  if (
    plugins.some(({ own }) => own === null) ||
    manager.filters.some(({ config, isRefused }) => isRefused || Object.keys(config).length === 0)
  )
    return null;
  return new Set(plugins.flatMap(attributesOf).flatMap(({ state }) => state ?? []));
}
